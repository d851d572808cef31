package io.vedette.collector.integrate;

import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.trail.Tile;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Dies at one call, before or after it took effect, and at every one after that: a process that was killed. */
final class DyingLog implements LogPort {
  private final LogPort log;
  private final int fatal;
  private final boolean after;
  private int calls;

  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  DyingLog(LogPort log, int fatal, boolean after) {
    this.log = log;
    this.fatal = fatal;
    this.after = after;
  }

  int calls() {
    return calls;
  }

  private <T extends @Nullable Object> T call(Supplier<T> work) {
    int number = calls++;
    if (number > fatal || (number == fatal && !after)) {
      throw new Killed();
    }
    T answer = work.get();
    if (number == fatal) {
      throw new Killed();
    }
    return answer;
  }

  @Override
  public Head head() {
    return call(log::head);
  }

  @Override
  public byte[] commitments(long from, int limit) {
    return call(() -> log.commitments(from, limit));
  }

  @Override
  public byte @Nullable [] tile(int level, long n) {
    return DyingLog.this.<byte @Nullable []>call(() -> log.tile(level, n));
  }

  @Override
  public void putTiles(List<Tile> tiles) {
    call(() -> {
      log.putTiles(tiles);
      return true;
    });
  }

  @Override
  public Optional<StoredCheckpoint> newest() {
    return call(log::newest);
  }

  @Override
  public boolean putCheckpoint(String epoch, long from, long size, byte[] root, String note) {
    return call(() -> log.putCheckpoint(epoch, from, size, root, note));
  }

  @Override
  public boolean putKeys(String origin, List<String> vkeys) {
    return call(() -> log.putKeys(origin, vkeys));
  }

  @Override
  public List<String> successions() {
    return call(log::successions);
  }
}
