package io.vedette.standalone.cli.trail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyProgressTest {
  @TempDir
  Path folder = Path.of("");

  private final List<String> said = new ArrayList<>();
  private long nowNs = 1_000_000_000L;

  private void after(VerifyProgress progress, long ms, long next, Optional<byte[]> state) {
    nowNs += ms * 1_000_000;
    progress.page(next, 10_000, state);
  }

  @Test
  void saysHowFarItIsAndHowFastEveryTwoSeconds() {
    VerifyProgress progress = new VerifyProgress(() -> nowNs, said::add, null);
    after(progress, 0, 1_000, Optional.empty());
    after(progress, 1_999, 2_000, Optional.empty());
    assertThat(said).isEmpty();
    after(progress, 1, 3_000, Optional.empty());
    after(progress, 1, 3_100, Optional.empty());
    after(progress, 1_999, 5_000, Optional.empty());
    after(progress, 9_000, 10_000, Optional.empty()); // the end says itself
    assertThat(said)
        .containsExactly("3000 of 10000 (30 %), 1000/s", "5000 of 10000 (50 %), 1000/s");
  }

  @Test
  void keepsItsStateEveryFiveSecondsWhileNothingIsWrong() throws Exception {
    Path file = folder.resolve("verify.state");
    VerifyProgress progress = new VerifyProgress(() -> nowNs, said::add, file);
    after(progress, 4_999, 1_000, Optional.of(new byte[] {1}));
    assertThat(file).doesNotExist();
    after(progress, 1, 2_000, Optional.of(new byte[] {2}));
    assertThat(Files.readAllBytes(file)).containsExactly(2);
    after(progress, 4_999, 3_000, Optional.of(new byte[] {3}));
    after(progress, 5_000, 4_000, Optional.empty());
    assertThat(Files.readAllBytes(file)).containsExactly(2);
    after(progress, 1, 5_000, Optional.of(new byte[] {5}));
    assertThat(Files.readAllBytes(file)).containsExactly(5);
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }
}
