package io.vedette.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinariesIT {
  @TempDir
  Path folder;

  @Test
  void unpackedOnceAndAgainOnlyWhenSomethingIsMissing() throws Exception {
    ServerAccount me = new ServerAccount("me", 1, 1, List.of(), false);
    Queue<String> progress = new ConcurrentLinkedQueue<>();
    Path postgres = Path.of(Binaries.below(folder, me, progress::add).program("postgres"));
    assertThat(Binaries.below(folder, me, progress::add).version()).startsWith("18.");
    assertThat(progress).hasSize(1);
    Files.write(postgres, new byte[0]); // what a power cut may leave
    assertThat(Binaries.below(folder, me, progress::add).version()).startsWith("18.");
    assertThat(progress).hasSize(2);
    try (Stream<Path> places = Files.list(folder)) {
      assertThat(places).as("nothing half-made stays").hasSize(1);
    }
  }
}
