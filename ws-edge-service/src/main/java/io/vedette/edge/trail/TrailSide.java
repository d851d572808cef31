package io.vedette.edge.trail;

import io.vedette.edge.hub.Actions;
import io.vedette.edge.hub.Lane;
import io.vedette.runtime.RuntimeConfig;
import io.vedette.runtime.ServiceContext;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.StoreConfig;
import io.vedette.store.audit.Audit;
import io.vedette.store.trail.Appender;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import java.util.function.Supplier;

/** All of the edge that has to do with the trail itself: the log over HTTP, proofs, erasure, declared losses, and the records of who read what. One per process; any thread may call. */
public final class TrailSide {
  private static final int TRAIL = 1;

  private final TrailDoor door;
  private final PayloadDoor payloads;
  private final ActsDoor acts;
  private final Audit audit;
  private final Watched watched;
  private final Supplier<Future<Void>> close;

  /** @param close what is closed last */
  public TrailSide(
      ServiceContext ctx,
      TrailStore store,
      TrailActs acts,
      Audit audit,
      Supplier<Future<Void>> close) {
    this.door = new TrailDoor(ctx.access(), ctx.config().get(RuntimeConfig.TRAIL_PUBLIC), store);
    this.payloads = new PayloadDoor(ctx.access(), store);
    this.acts = new ActsDoor(ctx.access(), acts, ctx.standalone());
    this.audit = audit;
    this.watched = new Watched(audit);
    this.close = close;
  }

  public static TrailSide of(ServiceContext ctx, Database database) {
    Appender appender = new Appender(database, ctx.vertx().eventBus());
    Audit audit = new Audit(
        ctx.vertx(),
        "edge",
        Audit.into(database, appender, TRAIL),
        ctx.metrics(),
        MicroClock.SYSTEM);
    return new TrailSide(
        ctx,
        new StoredTrail(database),
        new StoredActs(database, appender, StoreConfig.space(ctx.config())),
        audit,
        appender::close);
  }

  public void start() {
    audit.start();
  }

  /** Goes before everything else below {@code /api}. */
  public void mount(Router router) {
    watched.mount(router);
    payloads.mount(router);
    door.mount(router);
    acts.mount(router);
  }

  /** The same actions; those that were refused are recorded, the others are by who does them. */
  public Actions watched(Actions actions) {
    return watched.actions(actions);
  }

  /** Told of subscriptions. */
  public Lane.Watch subscriptions() {
    return watched;
  }

  public Future<Void> stop() {
    return audit.close().eventually(close);
  }
}
