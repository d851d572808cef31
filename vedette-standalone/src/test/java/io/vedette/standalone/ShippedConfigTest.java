package io.vedette.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The file a user edits: it loads, and has every key the services know, at its place. */
class ShippedConfigTest {
  private static final Path FILE = Path.of("..", "config", "vedette.yaml");

  @Test
  void loadsAndChangesNothing() {
    Config shipped = Config.load(FILE, Map.of(), Map.of());
    assertThat(shipped.keys().stream().filter(shipped::isSet)).isEmpty();
  }

  @Test
  void listsEveryKeyAndNoOther() throws IOException {
    assertThat(listed(Files.readAllLines(FILE)))
        .containsExactlyInAnyOrderElementsOf(
            Config.of(Map.of()).keys().stream().map(Key::path).toList());
  }

  /** Paths of the lines {@code #  name: value}; lines {@code #  # text} are comments of the file's reader. */
  private static List<String> listed(List<String> lines) {
    List<String> open = new ArrayList<>();
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (!line.matches("# *[a-z][a-z0-9-]*:.*")
          || (line.startsWith("# ") && !line.startsWith("#  "))) {
        continue;
      }
      String entry = line.substring(1);
      int depth = (entry.length() - entry.stripLeading().length()) / 2;
      String name = entry.strip().substring(0, entry.strip().indexOf(':'));
      while (open.size() > depth) {
        open.remove(open.size() - 1);
      }
      open.add(name);
      String path = String.join(".", open);
      boolean section = i + 1 < lines.size() && indent(lines.get(i + 1)) > depth;
      if (!section) {
        paths.add(path);
      }
    }
    return paths;
  }

  private static int indent(String line) {
    String entry = line.isEmpty() ? "" : line.substring(1);
    return entry.isBlank() ? -1 : (entry.length() - entry.stripLeading().length()) / 2;
  }
}
