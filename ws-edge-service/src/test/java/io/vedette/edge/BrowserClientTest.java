package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JavaScript the edge serves, judged by Node 20 or newer. Where it is not installed the tests are skipped, or fail with {@code -Dtools.required}. */
final class BrowserClientTest {
  private static final Path TESTS = Path.of("src/test/javascript/vedette.test.mjs");
  private static final Path PAGES = Path.of("src/main/resources/web");

  @TempDir
  private Path folder;

  @Test
  void theClientsOwnTestsPass() throws Exception {
    node(List.of("--test", TESTS.toString()));
  }

  @Test
  void everyScriptParses() throws Exception {
    List<Path> scripts;
    try (Stream<Path> files = Files.walk(PAGES)) {
      scripts = files.filter(file -> file.toString().endsWith(".js")).sorted().toList();
    }
    assertThat(scripts).isNotEmpty();
    for (Path script : scripts) {
      // As modules, which is what the page makes of them; the extension says so to Node.
      Path module = Files.copy(script, folder.resolve(script.getFileName() + ".mjs"));
      node(List.of("--check", module.toString()));
      Files.delete(module);
    }
  }

  private void node(List<String> arguments) throws Exception {
    Path output = folder.resolve("node.txt");
    Process node = start(Stream.concat(Stream.of("node"), arguments.stream()).toList(), output);
    boolean ended = node.waitFor(120, TimeUnit.SECONDS);
    if (!ended) {
      node.destroyForcibly();
    }
    assertThat(ended).as("node ends in time").isTrue();
    assertThat(node.exitValue()).as(Files.readString(output)).isZero();
  }

  private static Process start(List<String> command, Path output) throws IOException {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(output.toFile())
          .start();
    } catch (IOException absent) {
      if (System.getProperty("tools.required") != null) {
        fail("node is required and cannot be started", absent);
      }
      assumeTrue(false, "node is not installed");
      throw absent;
    }
  }
}
