package io.vedette.model;

/** How far a trail has come. {@code size} is the number of records, {@code batch} the number of the newest batch (0 when there is none), {@code atUs} its log time. */
public record TrailHead(int trail, String epoch, long size, long batch, long atUs, int timeline) {}
