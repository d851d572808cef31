package io.vedette.store.trail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether there is room to append: {@code storage.min-free}. Asked before taking more in; where the database is on another machine its own monitoring has to answer, and this says yes.
 *
 * @param minFreeBytes below it, sources pause and pushes get 503
 */
public record StorageSpace(FreeBytes free, long minFreeBytes) {

  /** Answers the free bytes where the database keeps its files. */
  @FunctionalInterface
  public interface FreeBytes {
    long bytes() throws IOException;
  }

  /** What is free now, and whether it is enough. */
  public record Reading(long freeBytes, boolean enough) {}

  /** For a database whose files lie below a folder of this machine. */
  public static StorageSpace below(Path folder, long minFreeBytes) {
    return new StorageSpace(() -> Files.getFileStore(folder).getUsableSpace(), minFreeBytes);
  }

  public static StorageSpace elsewhere() {
    return new StorageSpace(() -> Long.MAX_VALUE, 0);
  }

  /** @throws IOException when the folder cannot be asked: the caller decides, and says so */
  public Reading read() throws IOException {
    long freeBytes = free.bytes();
    return new Reading(freeBytes, freeBytes >= minFreeBytes);
  }
}
