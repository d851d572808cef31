package io.vedette.alert;

import io.vedette.alert.mute.Inhibition;
import io.vedette.alert.notify.Backoff;
import io.vedette.alert.notify.Integration;
import io.vedette.alert.route.Matcher;
import io.vedette.alert.route.Matchers;
import io.vedette.alert.route.Receiver;
import io.vedette.alert.route.Route;
import io.vedette.alert.route.Routing;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.ConfigNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Reads routes, receivers and inhibitions from configuration. What is wrong is named with file and line. Reads files of secrets: not for an event loop. */
final class SetupReader {
  private static final Set<String> ROUTE_KEYS = Set.of(
      "receiver",
      "matchers",
      "group_by",
      "group_wait",
      "group_interval",
      "repeat_interval",
      "continue",
      "routes");
  private static final String LOG = "log";
  private static final String DEFAULT = "default";

  private final Config config;
  private final Map<String, Receiver> receivers = new LinkedHashMap<>();
  private final Map<String, Integration> integrations = new HashMap<>();

  private SetupReader(Config config) {
    this.config = config;
  }

  static Setup read(Config config) {
    return new SetupReader(config).setup();
  }

  private Setup setup() {
    ReceiverReader reader = new ReceiverReader(config.get(AlertConfig.EXTERNAL_URL));
    for (ConfigNode node : config.tree(AlertConfig.RECEIVERS).list()) {
      String name = node.string("name");
      if (receivers.containsKey(name)) {
        throw node.at("name").error(name + ", a second time", "names that differ");
      }
      add(name, reader.read(node));
    }
    if (!receivers.containsKey(LOG)) {
      add(LOG, List.of(reader.log(0)));
    }
    if (!receivers.containsKey(DEFAULT)) {
      add(DEFAULT, List.of(reader.log(0), reader.dashboard(0)));
    }
    Routing routing =
        new Routing(route(), receivers, inhibitions(), config.get(AlertConfig.RESOLVE_TIMEOUT));
    Backoff backoff = new Backoff(
        config.get(AlertConfig.RETRY_FIRST),
        config.get(AlertConfig.RETRY_MOST),
        () -> ThreadLocalRandom.current().nextDouble());
    return new Setup(
        routing,
        integrations,
        backoff,
        config.get(AlertConfig.GIVE_UP_AFTER),
        config.get(AlertConfig.MAX_WAITING),
        config.get(AlertConfig.TRAIL_SILENT_AFTER));
  }

  private void add(String name, List<Integration> all) {
    receivers.put(
        name,
        new Receiver(
            name,
            all.stream()
                .map(one -> new Receiver.Integration(one.id(), one.sendResolved()))
                .toList()));
    all.forEach(one -> integrations.put(name + "/" + one.id(), one));
  }

  private Route route() {
    ConfigNode node = config.tree(AlertConfig.ROUTE);
    Route fallback = new Route(
        "{}",
        DEFAULT,
        List.of(),
        List.of("alertname"),
        false,
        Duration.ofSeconds(1),
        Duration.ofSeconds(30),
        Duration.ofHours(4),
        false,
        List.of());
    if (!node.isPresent()) {
      return fallback;
    }
    if (node.at("matchers").isPresent() || node.at("continue").isPresent()) {
      throw node.error("matchers or continue at the root", "neither: the root takes every alert");
    }
    return route(node, "", fallback);
  }

  /** What a route leaves out it has from its parent. */
  private Route route(ConfigNode node, String parentPath, Route parent) {
    node.unknownKeys(ROUTE_KEYS);
    List<Matcher> matchers = matchers(node.at("matchers"));
    String path = Route.path(parentPath, matchers);
    String receiver = node.string("receiver", parent.receiver());
    if (!receivers.containsKey(receiver)) {
      throw node.at("receiver").error(receiver, "one of " + receivers.keySet());
    }
    ConfigNode by = node.at("group_by");
    List<String> groupBy = by.isPresent() ? by.strings() : parent.groupBy();
    boolean all = by.isPresent() ? groupBy.contains("...") : parent.groupByAll();
    Route self = new Route(
        path,
        receiver,
        matchers,
        groupBy,
        all,
        node.duration("group_wait", parent.groupWait()),
        node.duration("group_interval", parent.groupInterval()),
        node.duration("repeat_interval", parent.repeatInterval()),
        node.bool("continue", false),
        List.of());
    List<Route> children = new ArrayList<>();
    for (ConfigNode child : node.at("routes").list()) {
      children.add(route(child, path, self));
    }
    return new Route(
        path,
        receiver,
        matchers,
        groupBy,
        all,
        self.groupWait(),
        self.groupInterval(),
        self.repeatInterval(),
        self.continues(),
        children);
  }

  private List<Inhibition> inhibitions() {
    List<Inhibition> rules = new ArrayList<>();
    for (ConfigNode node : config.tree(AlertConfig.INHIBIT_RULES).list()) {
      node.unknownKeys(Set.of("source_matchers", "target_matchers", "equal"));
      List<Matcher> source = matchers(node.require("source_matchers"));
      List<Matcher> target = matchers(node.require("target_matchers"));
      rules.add(new Inhibition(source, target, node.strings("equal")));
    }
    return rules;
  }

  private static List<Matcher> matchers(ConfigNode node) {
    List<Matcher> matchers = new ArrayList<>();
    List<String> texts = node.isPresent() ? node.strings() : List.of();
    for (String text : texts) {
      try {
        matchers.addAll(Matchers.parse(text));
      } catch (IllegalArgumentException e) {
        throw node.error(String.valueOf(e.getMessage()), "matchers such as severity=\"critical\"");
      }
    }
    return matchers;
  }
}
