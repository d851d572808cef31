package io.vedette.edge.hub;

import io.vedette.edge.filter.FilterCompiler;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Every topic of this node by name. Ordered topics and {@code cluster} are fixed; a statistic's topic opens when somebody first asks for it. Thread safe; bounded by {@link Limits#stateTopics()}. */
public final class Hub {
  public static final String STATISTICS = "statistics.";
  private static final Pattern STATISTIC_NAME =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,150}");

  /** Names that clients asked for and nobody knows yet take at most this part of the table: they cannot crowd out what exists. */
  private static final int INVENTED_SHARE = 2;

  private final Map<String, Topic> topics = new ConcurrentHashMap<>();
  private final Map<String, Long> barred = new ConcurrentHashMap<>();
  private final Set<String> invented = ConcurrentHashMap.newKeySet();
  private final StateTopic cluster;
  private final Limits limits;
  private final Consumer<StateTopic> opened;
  private final Consumer<StateTopic> closed;
  private final FilterCompiler compiler;

  /**
   * @param opened called once for each new statistic topic, on the caller's thread
   * @param closed called when a statistic's topic is gone again, on the caller's thread
   * @param compiler of the expressions of all sessions
   */
  public Hub(
      List<OrderedTopic> ordered,
      Limits limits,
      Consumer<StateTopic> opened,
      Consumer<StateTopic> closed,
      FilterCompiler compiler) {
    this.compiler = compiler;
    this.limits = limits;
    this.opened = opened;
    this.closed = closed;
    this.cluster = new StateTopic("cluster", "cluster", limits.stateKeys());
    topics.put(cluster.name(), cluster);
    for (OrderedTopic topic : ordered) {
      topics.put(topic.name(), topic);
    }
  }

  public StateTopic cluster() {
    return cluster;
  }

  FilterCompiler compiler() {
    return compiler;
  }

  public Collection<Topic> topics() {
    return topics.values();
  }

  /** The topic behind an address; null when there is none, or no room for one more. */
  public @Nullable Topic topic(String address) {
    Topic known = topics.get(address);
    if (known != null || !address.startsWith(STATISTICS)) {
      return known;
    }
    if (!STATISTIC_NAME.matcher(address.substring(STATISTICS.length())).matches()
        || invented.size() >= limits.stateTopics() / INVENTED_SHARE) {
      return null;
    }
    invented.add(address);
    StateTopic made = open(address);
    if (made == null) {
      invented.remove(address);
    }
    return made;
  }

  /** The topic of a statistic that exists. */
  public @Nullable StateTopic statistic(String name) {
    invented.remove(STATISTICS + name);
    return open(STATISTICS + name);
  }

  private @Nullable StateTopic open(String address) {
    if (!topics.containsKey(address) && topics.size() >= limits.stateTopics()) {
      return null;
    }
    boolean[] made = {false};
    Topic topic = topics.computeIfAbsent(address, absent -> {
      made[0] = true;
      return new StateTopic(absent, "statistics", limits.stateKeys());
    });
    if (made[0]) {
      opened.accept((StateTopic) topic);
    }
    return topic instanceof StateTopic state ? state : null;
  }

  /** Whoever owns this token brings no expressions until then. As many are kept as there are tokens behind sessions. */
  void bar(String tokenId, long nowUs, long untilUs) {
    barred.values().removeIf(until -> until < nowUs);
    barred.put(tokenId, untilUs);
  }

  boolean isBarred(String tokenId, long nowUs) {
    Long untilUs = barred.get(tokenId);
    return untilUs != null && untilUs >= nowUs;
  }

  /** A topic nobody published to goes with its last subscriber; else names that clients invent would fill the table. */
  void left(Topic topic) {
    if (!(topic instanceof StateTopic state)
        || !topic.name().startsWith(STATISTICS)
        || state.size() > 0
        || !topic.lanes().isEmpty()) {
      return;
    }
    if (topics.remove(topic.name(), topic)) {
      // Who joined since then keeps it: a subscriber joins first and looks into the table after.
      if (!topic.lanes().isEmpty() && topics.putIfAbsent(topic.name(), topic) == null) {
        return;
      }
      invented.remove(topic.name());
      closed.accept(state);
    }
  }

  /** How a client finds what it may register. */
  public static String names() {
    return "records, findings, alerts, notifications, statistics.<name>, cluster";
  }
}
