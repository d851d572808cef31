package io.vedette.store.alert;

/**
 * One change of an alert.
 *
 * @param n its offset on the topic {@code alerts}
 * @param kind fired, updated, acknowledged, resolved, muted or unmuted
 * @param actor who did it; {@code vedette} when a rule or time did
 */
public record AlertChangeRow(
    int trail, long n, String fingerprint, String kind, String actor, long atUs, String json) {}
