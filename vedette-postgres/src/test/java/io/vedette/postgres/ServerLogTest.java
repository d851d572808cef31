package io.vedette.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerLogTest {
  @TempDir
  Path folder;

  @Test
  void keepsTwoFilesOfBoundedSize() throws Exception {
    try (ServerLog log = new ServerLog(folder, 10)) {
      for (int line = 0; line < 100; line++) {
        write(log, "line " + line + "\n");
      }
    }
    assertThat(folder.resolve("postgres.log")).hasContent("line 98\nline 99\n");
    assertThat(folder.resolve("postgres.log.1")).hasContent("line 96\nline 97\n");
    assertThat(PosixFilePermissions.toString(
            Files.getPosixFilePermissions(folder.resolve("postgres.log"))))
        .isEqualTo("rw-------");
  }

  @Test
  void goesOnWhereTheLastRunEnded() throws Exception {
    for (String line : new String[] {"one\n", "two\n"}) {
      try (ServerLog log = new ServerLog(folder)) {
        write(log, line);
      }
    }
    assertThat(folder.resolve("postgres.log")).hasContent("one\ntwo\n");
  }

  @Test
  void whatCannotBeWrittenIsDropped() throws Exception {
    Path file = folder.resolve("postgres.log");
    Files.createDirectory(file);
    try (ServerLog log = new ServerLog(folder)) {
      write(log, "lost\n");
      Files.delete(file);
      write(log, "kept\n");
    }
    assertThat(file).hasContent("kept\n");
  }

  private static void write(ServerLog log, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    log.write(bytes, bytes.length);
  }
}
