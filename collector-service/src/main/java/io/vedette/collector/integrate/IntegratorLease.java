package io.vedette.collector.integrate;

import io.vedette.store.MicroClock;
import io.vedette.store.lease.Lease;
import io.vedette.store.lease.Leases;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one holder, in this process, of the lease {@code integrator} of a trail: who holds it makes the tiles, signs, and keeps log time going. Shared by the verticles that do so; whoever cannot
 * sign leaves it to others for a moment now and then. Any thread may ask; it is kept on one context.
 */
public final class IntegratorLease {
  public static final String KIND = "integrator";

  private static final Logger log = LoggerFactory.getLogger(IntegratorLease.class);
  private static final long CLAIM_MS = 1_000;
  private static final int LEFT_AFTER_CLAIMS = 30;
  private static final int CLAIMS_LEFT_OUT = 2;

  private final Vertx vertx;
  private final Leases leases;
  private final int trail;
  private final String owner;
  private final boolean alone;
  private final MicroClock clock;

  private volatile @Nullable Lease lease;
  private volatile long untilUs;
  private volatile boolean useful = true;
  private long timer = -1;
  private boolean claiming;
  private int claims;
  private boolean stopped;

  /** @param alone whether no other process could take it: standalone */
  public IntegratorLease(
      Vertx vertx, Leases leases, int trail, String owner, boolean alone, MicroClock clock) {
    this.vertx = vertx;
    this.leases = leases;
    this.trail = trail;
    this.owner = owner;
    this.alone = alone;
    this.clock = clock;
  }

  /** Begins to claim, and does so once before it completes. */
  public Future<Void> start() {
    Context own = vertx.getOrCreateContext();
    timer = vertx.setPeriodic(CLAIM_MS, id -> own.runOnContext(ignored -> claim()));
    return claim();
  }

  /** The lease, while it surely is ours. */
  public @Nullable Lease held() {
    return clock.nowUs() < untilUs ? lease : null;
  }

  /** Says whether this process can do what the holder is there for. */
  void useful(boolean can) {
    useful = can;
  }

  /** Hands it over. */
  public Future<Void> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    return handOver();
  }

  private Future<Void> handOver() {
    Lease held = lease;
    lease = null;
    return held == null ? Future.succeededFuture() : leases.handOver(List.of(held));
  }

  private Future<Void> claim() {
    if (claiming || stopped) {
      return Future.succeededFuture();
    }
    claims = useful || alone ? 0 : claims + 1;
    if (claims > LEFT_AFTER_CLAIMS) {
      if (claims > LEFT_AFTER_CLAIMS + CLAIMS_LEFT_OUT) {
        claims = 0;
      }
      return handOver();
    }
    claiming = true;
    long askedUs = clock.nowUs();
    return leases
        .claim(trail, KIND, List.of(Integer.toString(trail)), owner, Leases.TTL)
        .transform(answer -> {
          claiming = false;
          if (answer.failed()) {
            log.debug("lease not claimed kind={} cause={}", KIND, answer.cause().toString());
          } else if (!stopped) {
            untilUs = askedUs + Leases.TTL.toNanos() / 1_000;
            lease = answer.result().isEmpty() ? null : answer.result().get(0);
          }
          return Future.succeededFuture();
        });
  }
}
