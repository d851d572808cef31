package io.vedette.benchmarks.trail;

import io.vedette.collector.integrate.Integration;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.auth.TokenLookup;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.metrics.Metrics;
import io.vedette.standalone.cli.CommandFailure;
import io.vedette.standalone.cli.OwnerOnly;
import io.vedette.store.Database;
import io.vedette.store.DatabaseOptions;
import io.vedette.store.MicroClock;
import io.vedette.store.trail.Appender;
import io.vedette.store.trail.Trail;
import io.vedette.trail.NoteSigner;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Trail 1 of a run, with the integrator that the collector has beside it: tiles every 50 ms, a signed checkpoint every second. The continuous verifier is off. */
final class BenchTrail implements AutoCloseable {
  private static final long SIGNED_LIMIT_S = 30;

  private final BenchServer server;
  private final Database owner;
  private final Database collector;
  private final Appender appender;
  private final Integration integration;
  private final String vkey;

  BenchTrail(Vertx vertx, BenchServer server) throws IOException {
    this.server = server;
    owner = Waits.value(Database.connect(vertx, server.owner(), DatabaseOptions.DEFAULT));
    collector = Waits.value(Database.connect(vertx, server.collector(), DatabaseOptions.DEFAULT));
    appender = new Appender(collector, vertx.eventBus());
    Trail trail = Waits.value(Trail.open(collector, 1, null));
    NoteSigner signer = NoteSigner.generate(trail.origin());
    vkey = signer.verifier().vkey();
    Path key = server.folder().resolve("trail.key");
    OwnerOnly.write(key, signer.secret() + "\n");
    Config config = Config.of(Map.of(
        "trail.key-file", key.toString(),
        "trail.signer-state-copy", "none",
        "trail.verify-cpu-percent", "0"));
    ServiceContext context =
        ServiceContext.create(vertx, config, Metrics.registry(), TokenLookup.none(), true, false);
    integration = new Integration(context, collector, appender, 1, MicroClock.SYSTEM);
    Waits.value(integration.start());
  }

  /** As the schema's owner. */
  Database owner() {
    return owner;
  }

  Database collector() {
    return collector;
  }

  String vkey() {
    return vkey;
  }

  /** Entries that no signed checkpoint covers yet. */
  long unsigned() {
    return Long.parseLong(
        server.text(
            "SELECT h.size - coalesce((SELECT max(c.size) FROM vedette.checkpoint c WHERE c.trail = 1 AND c.epoch = h.epoch), 0) FROM vedette.trail_head h WHERE h.trail = 1"));
  }

  /** Waits until all entries are signed; how long that took, in seconds. */
  double awaitSigned() {
    long startNs = System.nanoTime();
    while (unsigned() > 0) {
      if (System.nanoTime() - startNs > TimeUnit.SECONDS.toNanos(SIGNED_LIMIT_S)) {
        throw new CommandFailure("no checkpoint of all entries after " + SIGNED_LIMIT_S + " s");
      }
    }
    return (System.nanoTime() - startNs) / 1e9;
  }

  @Override
  public void close() {
    Waits.value(integration.stop());
    Waits.value(appender.close());
    Waits.value(owner.close());
    Waits.value(collector.close());
  }
}
