package io.vedette.store.alert;

/**
 * An alert as stored.
 *
 * @param json the alert as the topic {@code alerts} shows it
 * @param endsUs 0 while it holds
 */
public record AlertRow(
    int trail,
    String fingerprint,
    String state,
    long startsUs,
    long endsUs,
    long updatedUs,
    String json) {}
