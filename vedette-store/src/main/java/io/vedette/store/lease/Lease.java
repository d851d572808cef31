package io.vedette.store.lease;

/**
 * Ownership of one thing.
 *
 * @param owner empty where it was handed over and nobody took it
 * @param epoch raised with every change of owner
 * @param untilUs database time
 */
public record Lease(int trail, String kind, String name, String owner, long epoch, long untilUs) {}
