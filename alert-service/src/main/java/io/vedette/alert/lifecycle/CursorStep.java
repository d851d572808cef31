package io.vedette.alert.lifecycle;

/** The findings cursor of a partition moves. The writer refuses when the row does not stand at {@code from}. */
public record CursorStep(int partition, long from, long to) {}
