package io.vedette.runtime.cluster;

import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.TcpIpConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.runtime.RuntimeConfig;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.ConfigException;
import io.vedette.runtime.http.Requests;
import io.vedette.runtime.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the Vert.x of a process: alone, or as a member of a cluster whose other members the caller names (from the live rows in the database; nothing is looked for by multicast). Membership and locks of
 * the cluster are hints only; nothing that must be right rests on them.
 */
public final class Clustering {
  private static final Logger log = LoggerFactory.getLogger(Clustering.class);

  // A killed node is seen by its closed connections at once; a stopped one misses heartbeats for 5
  // s and is removed.
  private static final int HEARTBEAT_SECONDS = 1;
  private static final int MAX_NO_HEARTBEAT_SECONDS = 5;
  // Two halves that do not see each other look for one another this often.
  private static final int MERGE_SECONDS = 5;
  private static final long BUS_PING_MS = 2_000;
  private static final int CONNECT_MS = 2_000;

  private Clustering() {}

  /** Where a process shall be reachable for the others, fixed before it joins so that its live row can say it first. */
  public record Endpoint(String host, int clusterPort, int busPort) {
    /** As {@link #join} takes it: {@code host:port} of the membership protocol. */
    public String peer() {
      return peer(host, clusterPort);
    }

    public static String peer(String host, int clusterPort) {
      return host.contains(":") ? "[" + host + "]:" + clusterPort : host + ":" + clusterPort;
    }
  }

  /** Vert.x without a cluster manager: no port is opened. */
  public static Vertx local(Config config, MeterRegistry metrics) {
    return builder(metrics, new VertxOptions()).build();
  }

  /** The endpoint that the configuration asks for, with free ports in place of 0. Refuses what may not be bound. */
  public static Endpoint endpoint(Config config) {
    String host = config.get(RuntimeConfig.CLUSTER_BIND);
    InetAddress address = address(config, host);
    boolean tls = tls(config).isPresent();
    if (!address.isLoopbackAddress() && !tls && !config.get(RuntimeConfig.CLUSTER_INSECURE)) {
      throw config.error(
          RuntimeConfig.CLUSTER_BIND,
          host + " without TLS",
          "a loopback address, or cluster.tls.cert, cluster.tls.key and cluster.tls.ca, or cluster.insecure: true where only the services reach the ports");
    }
    int cluster = config.get(RuntimeConfig.CLUSTER_PORT);
    int bus = config.get(RuntimeConfig.CLUSTER_BUS_PORT);
    try (ServerSocket first = new ServerSocket();
        ServerSocket second = new ServerSocket()) {
      first.bind(new InetSocketAddress(address, 0));
      second.bind(new InetSocketAddress(address, 0));
      return new Endpoint(
          address.getHostAddress(),
          cluster == 0 ? first.getLocalPort() : cluster,
          bus == 0 ? second.getLocalPort() : bus);
    } catch (IOException unusable) {
      throw config.error(
          RuntimeConfig.CLUSTER_BIND,
          host + ": " + unusable.getMessage(),
          "an address of this machine");
    }
  }

  private static InetAddress address(Config config, String host) {
    try {
      InetAddress address = InetAddress.getByName(host);
      if (address.isAnyLocalAddress()) {
        throw config.error(
            RuntimeConfig.CLUSTER_BIND,
            host,
            "one address at which the others reach this process; in Kubernetes the pod's");
      }
      return address;
    } catch (UnknownHostException unknown) {
      throw config.error(
          RuntimeConfig.CLUSTER_BIND, host + " is not known", "an address of this machine");
    }
  }

  /**
   * Joins the others, or begins a cluster when none of them answers.
   *
   * @param peers {@link Endpoint#peer} of the other live processes; dead ones cost at most a few seconds
   */
  public static Future<Membership> join(
      Config config, MeterRegistry metrics, Endpoint self, Collection<String> peers) {
    Optional<BusTls> tls = tls(config);
    if (!Requests.isLoopbackLiteral(self.host())) {
      log.warn(
          "cluster beyond loopback: bus {}, membership (Hazelcast) without TLS: let only the services reach port {}",
          tls.isPresent() ? "with mutual TLS" : "without TLS",
          self.clusterPort());
    }
    com.hazelcast.config.Config hazelcast = hazelcast(config, self, peers);
    HazelcastClusterManager manager = new HazelcastClusterManager(hazelcast);
    EventBusOptions bus = new EventBusOptions()
        .setHost(self.host())
        .setPort(self.busPort())
        .setClusterPublicHost(self.host())
        .setClusterPublicPort(self.busPort())
        .setClusterPingInterval(BUS_PING_MS)
        .setClusterPingReplyInterval(BUS_PING_MS)
        .setConnectTimeout(CONNECT_MS);
    tls.ifPresent(pem -> pem.apply(bus));
    return builder(metrics, new VertxOptions().setEventBusOptions(bus))
        .withClusterManager(manager)
        .buildClustered()
        .map(vertx -> new Membership(vertx, self, manager, hazelcast));
  }

  private static VertxBuilder builder(MeterRegistry metrics, VertxOptions options) {
    return Vertx.builder()
        .with(Metrics.enable(options.setPreferNativeTransport(true)))
        .withMetrics(Metrics.factory(metrics));
  }

  private static com.hazelcast.config.Config hazelcast(
      Config config, Endpoint self, Collection<String> peers) {
    com.hazelcast.config.Config hazelcast = new com.hazelcast.config.Config();
    hazelcast.setClusterName(config.get(RuntimeConfig.CLUSTER_NAME));
    hazelcast.setLiteMember(config.get(RuntimeConfig.CLUSTER_LITE));
    hazelcast.setProperty("hazelcast.logging.type", "slf4j");
    hazelcast.setProperty("hazelcast.phone.home.enabled", "false");
    hazelcast.setProperty("hazelcast.shutdownhook.enabled", "false");
    hazelcast.setProperty("hazelcast.socket.bind.any", "false");
    hazelcast.setProperty(
        "hazelcast.heartbeat.interval.seconds", Integer.toString(HEARTBEAT_SECONDS));
    hazelcast.setProperty(
        "hazelcast.max.no.heartbeat.seconds", Integer.toString(MAX_NO_HEARTBEAT_SECONDS));
    hazelcast.setProperty(
        "hazelcast.merge.first.run.delay.seconds", Integer.toString(MERGE_SECONDS));
    hazelcast.setProperty(
        "hazelcast.merge.next.run.delay.seconds", Integer.toString(MERGE_SECONDS));
    hazelcast.setProperty("hazelcast.wait.seconds.before.join", "0");
    hazelcast.setProperty("hazelcast.max.join.seconds", "30");
    hazelcast.setProperty("hazelcast.operation.call.timeout.millis", "10000");
    hazelcast.setProperty("hazelcast.graceful.shutdown.max.wait", "10");
    hazelcast.getMetricsConfig().setEnabled(false);
    hazelcast.getJetConfig().setEnabled(false);
    NetworkConfig network = hazelcast.getNetworkConfig();
    network.setPort(self.clusterPort()).setPortAutoIncrement(false).setPublicAddress(self.peer());
    network.getInterfaces().setEnabled(true).addInterface(self.host());
    network.getJoin().getAutoDetectionConfig().setEnabled(false);
    network.getJoin().getMulticastConfig().setEnabled(false);
    TcpIpConfig members =
        network.getJoin().getTcpIpConfig().setEnabled(true).setConnectionTimeoutSeconds(2);
    members.setMembers(List.copyOf(peers));
    // Who consumes what is rebuilt by each node, but until then a message finds nobody: two copies
    // beside the first.
    hazelcast.addMultiMapConfig(new MultiMapConfig("__vertx.subs")
        .setBackupCount(2)
        .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET));
    hazelcast.addMapConfig(new MapConfig("__vertx.haInfo").setBackupCount(2));
    hazelcast.addMapConfig(new MapConfig("__vertx.nodeInfo").setBackupCount(2));
    return hazelcast;
  }

  private record BusTls(String cert, String key, String authority) {
    void apply(EventBusOptions bus) {
      bus.setSsl(true)
          .setKeyCertOptions(new PemKeyCertOptions().setCertPath(cert).setKeyPath(key))
          .setTrustOptions(new PemTrustOptions().addCertPath(authority))
          .setClientAuth(ClientAuth.REQUIRED);
    }
  }

  private static Optional<BusTls> tls(Config config) {
    Optional<String> cert = config.get(RuntimeConfig.CLUSTER_TLS_CERT);
    Optional<String> key = config.get(RuntimeConfig.CLUSTER_TLS_KEY);
    Optional<String> authority = config.get(RuntimeConfig.CLUSTER_TLS_CA);
    if (cert.isPresent() && key.isPresent() && authority.isPresent()) {
      return Optional.of(new BusTls(cert.get(), key.get(), authority.get()));
    }
    if (cert.isPresent() || key.isPresent() || authority.isPresent()) {
      throw new ConfigException(
          "cluster.tls: not all of cert, key and ca (expected: all three, or none)");
    }
    return Optional.empty();
  }
}
