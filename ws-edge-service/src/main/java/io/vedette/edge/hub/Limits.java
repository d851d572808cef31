package io.vedette.edge.hub;

/**
 * Bounds of a session.
 *
 * @param queueBytes written but unsent bytes at which a slow session meets its topics' verdicts
 * @param replayPageBytes a replay is never further ahead of its client than this and one record
 * @param subscriptions subscriptions of one session
 * @param messagesPerSecond what a client may say, with a burst of twice that
 * @param idleMs silence (not even a pong) after which a session is closed
 * @param sessions sessions of this edge
 * @param stateTopics state topics this edge follows
 * @param stateKeys keys of one state topic
 */
public record Limits(
    long queueBytes,
    int replayPageBytes,
    int subscriptions,
    int messagesPerSecond,
    long idleMs,
    int sessions,
    int stateTopics,
    int stateKeys) {
  public static final Limits DEFAULT =
      new Limits(1 << 20, 64 << 10, 200, 50, 75_000, 10_000, 500, 20_000);
}
