package io.vedette.runtime.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells whether a file reads differently than at the last look: by its content, so that a link that is moved, as Kubernetes does, counts and a mere touch does not. Not thread safe. */
public final class FileWatch {
  private static final Logger log = LoggerFactory.getLogger(FileWatch.class);

  private final Path file;
  private byte[] seen;

  /** Blocks, as {@link #changed} does. */
  public FileWatch(Path file) {
    this.file = file;
    this.seen = read(new byte[0]);
  }

  /** A file that cannot be read has not changed. */
  public boolean changed() {
    byte[] now = read(seen);
    boolean differs = !Arrays.equals(now, seen);
    seen = now;
    return differs;
  }

  private byte[] read(byte[] otherwise) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException gone) {
      log.debug("configuration cannot be read now file={} cause={}", file, gone.toString());
      return otherwise;
    }
  }
}
