package io.vedette.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.postgres.EmbeddedPostgresException.Reason;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinariesTest {
  @ParameterizedTest
  @CsvSource({
    "Linux,    amd64,   false, postgres-linux-x86_64",
    "Linux,    aarch64, false, postgres-linux-arm_64",
    "Linux,    amd64,   true,  postgres-linux-x86_64-alpine_linux",
    "Mac OS X, x86_64,  false, postgres-darwin-x86_64",
    "Mac OS X, aarch64, false, postgres-darwin-arm_64",
  })
  void everySupportedMachineHasItsArchive(String os, String arch, boolean musl, String archive) {
    assertThat(Binaries.archiveFor(os, arch, musl)).isEqualTo(archive);
  }

  @ParameterizedTest
  @CsvSource({"Linux, riscv64", "Windows 11, amd64"})
  void anotherMachineIsToldWhatItCanDo(String os, String arch) {
    assertThatThrownBy(() -> Binaries.archiveFor(os, arch, false))
        .isInstanceOfSatisfying(EmbeddedPostgresException.class, e -> assertThat(e.reason())
            .isEqualTo(Reason.NO_BINARIES))
        .hasMessageContaining("found " + os + "/" + arch)
        .hasMessageContaining("expected one of linux/amd64")
        .hasMessageContaining("./vedette db init")
        .hasMessageContaining("VEDETTE_DATABASE_URL");
  }

  @Test
  void majorVersionIsTheFirstNumber() {
    assertThat(new Binaries(Path.of("/x"), "18.6").major()).isEqualTo("18");
    assertThat(new Binaries(Path.of("/x"), "19beta1").major()).isEqualTo("19");
  }
}
