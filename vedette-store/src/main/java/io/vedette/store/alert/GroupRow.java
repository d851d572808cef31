package io.vedette.store.alert;

/** The clocks and the memory of a group; {@code labels} and {@code told} are JSON. */
public record GroupRow(
    String receiver,
    String key,
    String labels,
    long createdUs,
    long flushUs,
    long flushedUs,
    String told) {}
