package io.vedette.store.alert;

import java.util.List;

/**
 * A notification: to be sent, on its way, or what became of it.
 *
 * @param id the idempotency key the receiver sees
 * @param integration kind and place in the receiver, for example {@code webhook/0}
 * @param state pending, sending, sent or failed
 * @param attempt how often sending began
 * @param nextUs when to try next, while pending
 * @param duplicate why this may be a second message; empty when it cannot
 * @param detail what the receiver or the attempt said last
 * @param providerId the receiver's own id for it, where it has one
 * @param notice what is said, as JSON
 */
public record NotificationRow(
    int trail,
    String id,
    String receiver,
    String integration,
    String groupKey,
    String reason,
    String state,
    int attempt,
    long nextUs,
    long createdUs,
    long updatedUs,
    String duplicate,
    String detail,
    String providerId,
    List<String> fingerprints,
    String notice) {
  public NotificationRow {
    fingerprints = List.copyOf(fingerprints);
  }

  public String kind() {
    return integration.substring(0, integration.indexOf('/'));
  }
}
