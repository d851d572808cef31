package io.vedette.store.trail;

/** A record of the trail as it is stored. Its arrays are not to be modified. */
public record StoredRecord(
    long index, byte[] canonical, byte[] salt, long timeUs, int retentionClass, long batch) {}
