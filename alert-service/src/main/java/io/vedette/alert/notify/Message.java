package io.vedette.alert.notify;

/**
 * One attempt to send a notice.
 *
 * @param id the same for every attempt: the idempotency key
 * @param attempt from 1
 * @param duplicate why this may be a second message; empty when it cannot be
 */
public record Message(String id, int attempt, String duplicate, Notice notice) {}
