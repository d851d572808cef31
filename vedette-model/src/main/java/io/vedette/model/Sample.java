package io.vedette.model;

/** A number of a series at a time. */
public record Sample(Series series, long timeUs, double value) {}
