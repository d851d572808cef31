package io.vedette.edge;

import io.vedette.edge.hub.Limits;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.ConfigSection;
import io.vedette.runtime.config.Key;
import java.time.Duration;
import java.util.List;

/** The keys of the edge. */
public final class EdgeConfig implements ConfigSection {
  /** Who a socket without a token is. */
  public enum AnonymousRole {
    NONE,
    VIEWER
  }

  public static final Key<Integer> PORT =
      Key.port("edge.http.port", 8080, "Port of the dashboard, the sockets and the API.");
  public static final Key<Integer> LOOPS = Key.integer(
      "edge.http.loops",
      0,
      0,
      64,
      "Event loops that serve connections; 0 takes half of the processors, at least one. More than"
          + " there are processors only adds hops.");
  public static final Key<AnonymousRole> ANONYMOUS_ROLE = Key.oneOf(
      "edge.auth.anonymous-role",
      AnonymousRole.NONE,
      "Role of WebSockets without a token whose Origin is absent, ours or listed. With viewer,"
          + " whoever reaches the port reads every topic.");
  public static final Key<Duration> IDLE_LIMIT = Key.duration(
      "edge.session.idle-limit",
      Duration.ofSeconds(75),
      Duration.ofMillis(500),
      Duration.ofHours(1),
      "Silence after which a session is closed; a third of it is the interval of our pings."
          + " Shorter notices dead networks sooner, and wakes phones more often.");
  public static final Key<Duration> REQUEST_LIMIT = Key.duration(
      "edge.http.request-limit",
      Duration.ofSeconds(15),
      Duration.ofMillis(200),
      Duration.ofMinutes(10),
      "How long a new connection may take to the end of its first request's head; then it is cut."
          + " Shorter hurts slow networks, longer lets idle connections pile up.");
  public static final Key<Integer> MAX_SESSIONS = Key.integer(
      "edge.session.max",
      10_000,
      1,
      1_000_000,
      "Sessions of this edge; one more is closed with 4503. Each takes about 16 KiB while idle.");
  public static final Key<Long> QUEUE = Key.size(
      "edge.session.queue",
      1 << 20,
      64 << 10,
      64 << 20,
      "Bytes that may wait for one slow session before its topics' verdict: state is conflated,"
          + " ordered topics disconnect it with a resumable code. Too small cuts off slow networks"
          + " in bursts.");
  public static final Key<Integer> MAX_SUBSCRIPTIONS =
      Key.integer("edge.session.subscriptions", 200, 1, 10_000, "Subscriptions of one session.");
  public static final Key<Integer> MESSAGE_RATE = Key.integer(
      "edge.session.message-rate",
      50,
      1,
      100_000,
      "Messages a client may send per second, with a burst of twice that; beyond it the session is"
          + " closed with 4429.");
  public static final Key<Integer> MAX_MESSAGE = Key.integer(
      "edge.session.message-bytes",
      64 << 10,
      1 << 10,
      16 << 20,
      "Largest message of a client, also after inflation.");
  public static final Key<Integer> MAX_ADDRESS = Key.integer(
      "edge.session.address-length", 200, 16, 1_000, "Longest address of a client's frame.");
  public static final Key<Duration> DRAIN = Key.duration(
      "edge.session.drain",
      Duration.ofSeconds(5),
      Duration.ZERO,
      Duration.ofSeconds(8),
      "Time over which a stopping edge closes its sessions one after the other, if there are many; each is told to come back within 3 s. Shorter sends more of them to the other edges at once.");
  public static final Key<Integer> RING_ENTRIES = Key.integer(
      "edge.resume.entries",
      16_384,
      16,
      1 << 24,
      "Newest publications of each ordered topic kept in memory; who needs older ones makes the"
          + " edge read the store.");
  public static final Key<Long> RING_BYTES = Key.size(
      "edge.resume.bytes",
      16 << 20,
      64 << 10,
      1L << 34,
      "Bytes of the newest publications of each ordered topic kept in memory.");
  public static final Key<Long> MEMORY_BYTES = Key.size(
      "edge.statistics.memory",
      16 << 20,
      1 << 20,
      1L << 34,
      "Memory for the newest values of all statistics; when full the oldest values go first, and"
          + " charts begin with the coarser stored panes.");
  public static final Key<Integer> MAX_FILTERS = Key.integer(
      "edge.filter.max",
      256,
      0,
      10_000,
      "Different expressions, and different sets of fields, among the filters of one ordered"
          + " topic: each costs something per publication. Filters on the same fields count once,"
          + " whatever their values; 0 turns filters off.");
  public static final Key<Integer> SAMPLE_ABOVE = Key.integer(
      "edge.records.sample-above",
      2_000,
      0,
      1_000_000,
      "Records per second from which on subscriptions to all records, without a filter, get a"
          + " declared sample: one of 2, 4, 8, ... by index. 0 sends all: slow browsers are then"
          + " cut off and come back.");
  public static final Key<Boolean> COMPRESSION = Key.bool(
      "edge.compression.enabled",
      true,
      "Whether permessage-deflate is negotiated: each publication is compressed once, without"
          + " context takeover, and shared by all sessions that take it.");
  public static final Key<Integer> COMPRESSION_LEVEL = Key.integer(
      "edge.compression.level", 4, 1, 9, "Deflate level; higher is smaller and slower.");

  @Override
  public String name() {
    return "edge";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        PORT,
        LOOPS,
        ANONYMOUS_ROLE,
        IDLE_LIMIT,
        REQUEST_LIMIT,
        MAX_SESSIONS,
        QUEUE,
        MAX_SUBSCRIPTIONS,
        MESSAGE_RATE,
        MAX_MESSAGE,
        MAX_ADDRESS,
        DRAIN,
        RING_ENTRIES,
        RING_BYTES,
        MEMORY_BYTES,
        MAX_FILTERS,
        SAMPLE_ABOVE,
        COMPRESSION,
        COMPRESSION_LEVEL);
  }

  static Limits limits(Config config) {
    return new Limits(
        config.get(QUEUE),
        Limits.DEFAULT.replayPageBytes(),
        config.get(MAX_SUBSCRIPTIONS),
        config.get(MESSAGE_RATE),
        config.get(IDLE_LIMIT).toMillis(),
        config.get(MAX_SESSIONS),
        Limits.DEFAULT.stateTopics(),
        Limits.DEFAULT.stateKeys());
  }

  static int loops(Config config) {
    int wanted = config.get(LOOPS);
    return wanted > 0 ? wanted : Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
  }
}
