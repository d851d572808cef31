package io.vedette.runtime.cluster;

import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.config.Config;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.Collection;
import java.util.List;

/** This process as a member of the cluster. Safe for use by any thread. */
public final class Membership {
  private final Vertx vertx;
  private final Clustering.Endpoint self;
  private final HazelcastClusterManager manager;
  private final Config config;

  Membership(
      Vertx vertx, Clustering.Endpoint self, HazelcastClusterManager manager, Config config) {
    this.vertx = vertx;
    this.self = self;
    this.manager = manager;
    this.config = config;
  }

  public Vertx vertx() {
    return vertx;
  }

  public Clustering.Endpoint self() {
    return self;
  }

  /** Ids of the nodes that are members now, this one included. */
  public List<String> nodes() {
    return manager.getNodes();
  }

  /** The other live processes by now. Should this one and they have begun clusters of their own, they find each other by it within seconds. */
  public void meet(Collection<String> peers) {
    config.getNetworkConfig().getJoin().getTcpIpConfig().setMembers(List.copyOf(peers));
  }

  /** Calls when a member came or went, on an event loop: a hint to look at the live rows sooner. */
  public void onChange(Runnable look) {
    Context context = vertx.getOrCreateContext();
    manager.getHazelcastInstance().getCluster().addMembershipListener(new MembershipListener() {
      @Override
      public void memberAdded(MembershipEvent event) {
        context.runOnContext(hop -> look.run());
      }

      @Override
      public void memberRemoved(MembershipEvent event) {
        context.runOnContext(hop -> look.run());
      }
    });
  }

  /** Leaves and closes Vert.x. */
  public Future<Void> close() {
    return vertx.close();
  }
}
