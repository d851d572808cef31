package io.vedette.alert.notify;

/**
 * A notification to be sent: one notice to one integration of a receiver.
 *
 * @param id names it for ever; the idempotency key the receiver sees
 * @param integration kind and place in the receiver, for example {@code webhook/0}
 */
public record Outgoing(String id, String integration, Notice notice, long createdUs) {
  public String receiver() {
    return notice.group().receiver();
  }

  public String kind() {
    return integration.substring(0, integration.indexOf('/'));
  }
}
