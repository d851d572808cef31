package io.vedette.collector.integrate;

import io.vedette.runtime.ServiceContext;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.lease.Leases;
import io.vedette.store.trail.Appender;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/** What the collector runs for a trail besides its sources: the lease, the integrator, and what waits for checkpoints. */
public final class Integration {
  private final ServiceContext service;
  private final IntegratorLease lease;
  private final Coverage coverage;
  private final List<Deployable> verticles = new ArrayList<>();
  private final List<String> deployed = new ArrayList<>();

  public Integration(
      ServiceContext service, Database database, Appender appender, int trail, MicroClock clock) {
    this.service = service;
    this.lease = new IntegratorLease(
        service.vertx(),
        new Leases(database),
        trail,
        service.nodeId(),
        service.standalone() && !service.clustered(),
        clock);
    this.coverage = new Coverage(service.vertx(), database, trail, service.metrics());
    verticles.add(new IntegrateVerticle(service, database, appender, lease, coverage, trail));
    verticles.add(new VerifyVerticle(service, database, appender, lease, trail));
    verticles.add(new CopyVerticle(service, database, lease, trail, clock));
  }

  /** Held while this process makes tiles, signs and ticks. */
  public IntegratorLease lease() {
    return lease;
  }

  public Coverage coverage() {
    return coverage;
  }

  public Future<Void> start() {
    Future<Void> started = lease.start();
    for (Deployable verticle : verticles) {
      started = started
          .compose(ignored -> service.vertx().deployVerticle(verticle))
          .onSuccess(deployed::add)
          .mapEmpty();
    }
    return started;
  }

  public Future<Void> stop() {
    Future<Void> stopped = Future.succeededFuture();
    for (int i = deployed.size() - 1; i >= 0; i--) {
      String id = deployed.get(i);
      stopped = stopped.eventually(() -> service.vertx().undeploy(id));
    }
    deployed.clear();
    return stopped.eventually(lease::stop);
  }
}
