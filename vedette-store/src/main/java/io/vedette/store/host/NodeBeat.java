package io.vedette.store.host;

import io.vedette.model.NodeStatus;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.cluster.Clustering;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.node.Nodes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says every second that this node is there: in its row and on {@code node.status}; and tells who else is. Any thread may use it. While the database is away the row grows old and others look
 * elsewhere; nothing is queued.
 */
public final class NodeBeat {
  private static final Logger LOG = LoggerFactory.getLogger(NodeBeat.class);
  private static final String CLUSTER_PORT = "cluster_port";

  private final Vertx vertx;
  private final Nodes nodes;
  private final NodeStatus self;
  private final Map<String, String> info = new ConcurrentHashMap<>();
  private final Consumer<Collection<String>> peers;
  private volatile Supplier<Map<String, String>> about = Map::of;
  private long timer = -1;
  private volatile boolean lost;
  private volatile List<NodeStatus> live = List.of();

  /** @param peers told at each beat how the other live processes are reached, for {@code Membership.meet} */
  public NodeBeat(
      Vertx vertx, Database database, NodeStatus self, Consumer<Collection<String>> peers) {
    this.vertx = vertx;
    this.nodes = new Nodes(database);
    this.self = self;
    this.info.putAll(self.info());
    this.peers = peers;
  }

  /** A node at an endpoint of the cluster. */
  public static NodeStatus member(
      String id, List<String> services, String version, Clustering.Endpoint endpoint) {
    return new NodeStatus(
        id,
        services,
        version,
        endpoint.host(),
        endpoint.busPort(),
        MicroClock.SYSTEM.nowUs(),
        0,
        Map.of(CLUSTER_PORT, Integer.toString(endpoint.clusterPort())));
  }

  /** How the nodes but this one are reached, as {@code Clustering.join} takes it; those without a cluster's port are left out. */
  public static List<String> peers(Collection<NodeStatus> live, String self) {
    return live.stream()
        .filter(node -> !node.id().equals(self) && node.info().containsKey(CLUSTER_PORT))
        .map(node ->
            Clustering.Endpoint.peer(node.host(), Integer.parseInt(node.info().get(CLUSTER_PORT))))
        .sorted()
        .toList();
  }

  /** Beats now, and every second from then on. */
  public Future<Void> start() {
    timer = vertx.setPeriodic(Nodes.BEAT.toMillis(), id -> beat());
    return beat();
  }

  /** Adds what others should know, for example the port of a door: said with the next beat. */
  public void put(String name, String value) {
    info.put(name, value);
  }

  /** What is said with each beat beside that. */
  public void put(Supplier<Map<String, String>> about) {
    this.about = about;
  }

  /** Who was there at the last beat. */
  public List<NodeStatus> live() {
    return live;
  }

  /** Takes the row away. */
  public Future<Void> stop() {
    vertx.cancelTimer(timer);
    return nodes.leave(self.id());
  }

  private Future<Void> beat() {
    Map<String, String> said = new TreeMap<>(info);
    said.putAll(about.get());
    NodeStatus now = new NodeStatus(
        self.id(),
        self.services(),
        self.version(),
        self.host(),
        self.busPort(),
        self.startedUs(),
        MicroClock.SYSTEM.nowUs(),
        said);
    vertx.eventBus().publish(Addresses.NODE_STATUS, now);
    return nodes
        .beat(now)
        .compose(done -> nodes.live())
        .onSuccess(this::seen)
        .onFailure(cause -> {
          if (!lost) {
            lost = true;
            LOG.warn(
                "node's row cannot be written: others may take over its work node={} cause={}",
                self.id(),
                String.valueOf(cause));
          }
        })
        .mapEmpty();
  }

  private void seen(List<NodeStatus> nodesNow) {
    if (lost) {
      lost = false;
      LOG.info("node's row is written again node={}", self.id());
    }
    live = nodesNow;
    peers.accept(peers(nodesNow, self.id()));
  }
}
