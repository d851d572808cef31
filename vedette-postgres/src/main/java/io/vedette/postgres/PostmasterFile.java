package io.vedette.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a server notes in {@code postmaster.pid}, line by line: its pid, data folder, start time in seconds, port, socket
 * folder, address, shared memory key, status. It is written while we read, so the last lines may be missing.
 */
record PostmasterFile(long pid, long startedAtSeconds, String status) {
  static Optional<PostmasterFile> read(Path pgdata) {
    Path file = pgdata.resolve("postmaster.pid");
    try {
      return parse(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw EmbeddedPostgresException.of("cannot read " + file, e);
    }
  }

  static Optional<PostmasterFile> parse(String content) {
    List<String> lines = content.lines().map(String::strip).toList();
    if (lines.size() < 3
        || !lines.get(0).matches("\\d{1,10}")
        || !lines.get(2).matches("\\d{1,18}")) {
      return Optional.empty();
    }
    return Optional.of(new PostmasterFile(
        Long.parseLong(lines.get(0)),
        Long.parseLong(lines.get(2)),
        lines.size() < 8 ? "" : lines.get(7)));
  }

  boolean isReady() {
    return status.equals("ready");
  }

  boolean isSameRun(PostmasterFile other) {
    return pid == other.pid && startedAtSeconds == other.startedAtSeconds;
  }
}
