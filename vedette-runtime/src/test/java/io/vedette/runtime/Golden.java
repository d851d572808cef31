package io.vedette.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What must look the same for ever. {@code -Dgolden.write=true} writes the files anew; the diff then shows what changed. */
public final class Golden {
  private static final Path FOLDER = Path.of("src/test/resources/golden");

  private Golden() {}

  public static void check(String name, String text) {
    try {
      Path file = FOLDER.resolve(name);
      if (Boolean.getBoolean("golden.write")) {
        Files.createDirectories(FOLDER);
        Files.writeString(file, text + "\n", StandardCharsets.UTF_8);
      }
      assertThat(text)
          .as(name)
          .isEqualTo(Files.readString(file, StandardCharsets.UTF_8).stripTrailing());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
