package io.vedette.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import org.junit.jupiter.api.Test;

class EmbeddedPostgresExceptionTest {
  @Test
  void fullDiskIsToldApartWhoeverMeetsIt() {
    IOException unpacking = new FileSystemException("/data/x", null, "No space left on device");
    assertThat(EmbeddedPostgresException.of("cannot unpack", unpacking).reason())
        .isEqualTo(Reason.DISK_FULL);
    EmbeddedPostgresException initdb = EmbeddedPostgresException.said(
        "initdb failed",
        "initdb: error: could not write to file \"pg_wal/xlogtemp.42\": No space left on device");
    assertThat(initdb.reason()).isEqualTo(Reason.DISK_FULL);
    assertThat(initdb)
        .hasMessageContaining("free about 200 MiB")
        .hasMessageContaining("xlogtemp.42");
  }

  @Test
  void deniedAccessNamesTheFile() {
    EmbeddedPostgresException denied = EmbeddedPostgresException.of(
        "cannot lock /data", new AccessDeniedException("/data/postgres.lock"));
    assertThat(denied.reason()).isEqualTo(Reason.FOLDER_UNUSABLE);
    assertThat(denied).hasMessage("cannot lock /data: permission denied on /data/postgres.lock");
  }

  @Test
  void anythingElseIsTheServersOwnWords() {
    EmbeddedPostgresException other = EmbeddedPostgresException.said("it ended", "FATAL: no idea");
    assertThat(other.reason()).isEqualTo(Reason.SERVER_FAILED);
    assertThat(other).hasMessage("it ended; it said: FATAL: no idea");
  }
}
