package io.vedette.standalone.cli.trail;

import io.vedette.trail.verify.ClaimedTiles;
import io.vedette.trail.verify.Fault;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.LogVerifier;
import io.vedette.trail.verify.Reason;
import io.vedette.trail.verify.RemoteLog;
import io.vedette.trail.verify.SignedCheckpoint;
import io.vedette.trail.verify.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A log verified over C2SP tiles alone, trusting nothing but its keys; and, with a token, every record against its entry, and every absent one against the records that say why. */
final class RemoteVerification {
  /** How long the record that names an absent one may take to be signed: it was erased while this ran. */
  private static final long SIGNED_NS = Duration.ofSeconds(10).toNanos();

  private static final long LOOK_NS = Duration.ofMillis(250).toNanos();
  private static final int TILE = 256;

  private final RemoteAddress address;
  private final List<LogKey> keys;
  private final List<byte[]> earlier;
  private final @Nullable String token;
  private final int threads;

  /** Told how far it came. */
  interface Watcher {
    void page(long next, long size);
  }

  /** @param verdict with the records, and those that are gone and named, where a token was given */
  record Outcome(SignedCheckpoint checkpoint, Verdict verdict) {}

  RemoteVerification(
      RemoteAddress address,
      List<LogKey> keys,
      List<byte[]> earlier,
      @Nullable String token,
      int threads) {
    this.address = address;
    this.keys = keys;
    this.earlier = earlier;
    this.token = token;
    this.threads = threads;
  }

  private String origin() {
    return keys.get(0).name();
  }

  Outcome run(Watcher watcher) throws IOException {
    RemoteLog log = token == null
        ? RemoteLog.at(address.log())
        : RemoteLog.at(address.log(), "Authorization", "Bearer " + token);
    RemoteRecords records = token == null ? null : new RemoteRecords(address, token);
    SignedCheckpoint checkpoint = opened(log);
    Pass pass = pass(log, records, checkpoint, Optional.empty(), watcher);
    if (records == null) {
      return new Outcome(checkpoint, pass.verdict());
    }
    Verdict all = pass.verdict();
    long untilNs = System.nanoTime() + SIGNED_NS;
    while (all.ok() && records.unexplained() >= 0 && System.nanoTime() < untilNs) {
      SignedCheckpoint newer = opened(log);
      if (newer.size() == checkpoint.size()) {
        LockSupport.parkNanos(LOOK_NS);
      } else {
        checkpoint = newer;
        pass = pass(log, records, checkpoint, pass.state(), watcher);
        all = pass.verdict();
      }
    }
    long unexplained = records.unexplained();
    if (all.ok() && unexplained >= 0) {
      Fault fault = new Fault(
          Reason.PAYLOAD_MISSING,
          unexplained,
          unexplained + 1,
          "the record is gone, and no record of the trail names it as erased or expired");
      all = new Verdict(unexplained, 0, 0, fault);
    }
    // A run that went on counted what lies between anew.
    long gone = records.countGone();
    return new Outcome(
        checkpoint, new Verdict(all.checked(), all.checked() - gone, gone, all.fault()));
  }

  private record Pass(Verdict verdict, Optional<byte[]> state) {}

  private Pass pass(
      RemoteLog log,
      @Nullable RemoteRecords records,
      SignedCheckpoint checkpoint,
      Optional<byte[]> resumed,
      Watcher watcher)
      throws IOException {
    ClaimedTiles told = (level, index, width) -> {
      if (level == 0) {
        watcher.page(index * TILE, checkpoint.size());
      }
      return log.hashes(level, index, width);
    };
    LogVerifier.Setup setup = LogVerifier.against(checkpoint).tiles(told).threads(threads);
    if (records != null) {
      setup.payloads(index -> {
        records.gone(index);
        return true; // what comes later says why: asked at the end
      });
    }
    if (resumed.isPresent()) {
      setup.resume(resumed.get());
    } else {
      for (byte[] held : earlier) {
        setup.earlier(SignedCheckpoint.open(held, origin(), keys));
      }
    }
    try (LogVerifier verifier = setup.start()) {
      log.feed(verifier, records);
      Verdict verdict = verifier.finish();
      return new Pass(verdict, verifier.state());
    }
  }

  private SignedCheckpoint opened(RemoteLog log) throws IOException {
    return SignedCheckpoint.open(log.checkpoint(), origin(), keys);
  }
}
