package io.vedette.standalone.cli.trail;

import io.vedette.standalone.cli.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Says how far a verification is and keeps its state for the next one, each not too often. One thread. */
final class VerifyProgress {
  private static final long SAVE_NS = 5_000_000_000L;
  private static final long TELL_NS = 2_000_000_000L;

  private final LongSupplier nanoTime;
  private final Consumer<String> say;
  private final @Nullable Path state;
  private long savedNs;
  private long toldNs;
  private long beganNs;
  private long beganAt = -1;

  /** @param state where it is kept; null: nowhere */
  VerifyProgress(LongSupplier nanoTime, Consumer<String> say, @Nullable Path state) {
    this.nanoTime = nanoTime;
    this.say = say;
    this.state = state;
    this.savedNs = nanoTime.getAsLong();
  }

  void page(long next, long size, Optional<byte[]> reached) {
    long nowNs = nanoTime.getAsLong();
    tell(nowNs, next, size);
    if (state != null && reached.isPresent() && nowNs - savedNs >= SAVE_NS) {
      savedNs = nowNs;
      save(state, reached.get());
    }
  }

  private void tell(long nowNs, long next, long size) {
    if (beganAt < 0) {
      beganAt = next;
      beganNs = nowNs;
      toldNs = nowNs;
    }
    if (nowNs - toldNs >= TELL_NS && next < size) {
      toldNs = nowNs;
      say.accept(String.format(
          Locale.ROOT,
          "%d of %d (%d %%), %.0f/s",
          next,
          size,
          next * 100 / size,
          (next - beganAt) * 1e9 / (nowNs - beganNs)));
    }
  }

  private static void save(Path file, byte[] reached) {
    Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      Files.write(fresh, reached);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new CommandFailure("state " + file + " cannot be written: " + e, e);
    }
  }
}
