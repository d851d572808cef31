package io.vedette.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrailKeyTest {
  @TempDir
  Path folder = Path.of("");

  @Test
  void isMadeOnceForItsOwnerAlone() throws Exception {
    Path file = folder.resolve("trail.key");
    String vkey = TrailKey.load(file, "example.org/a").verifier().vkey();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(TrailKey.load(file, "example.org/b").verifier().vkey()).isEqualTo(vkey);
  }
}
