package io.vedette.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class VedetteTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void helpNamesEveryCommand() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString())
        .contains(
            "up ",
            "status",
            "stop",
            "demo",
            "rules",
            "token",
            "db ",
            "config",
            "collector",
            "analyzer",
            "alert ",
            "edge",
            "trail",
            "bench");
  }

  @Test
  void everyCommandAndGroupExplainsItself() {
    List<String> helpless = new ArrayList<>();
    helpless(Vedette.commandLine(), List.of(), helpless);
    assertThat(helpless).isEmpty();
  }

  private void helpless(CommandLine line, List<String> path, List<String> found) {
    List<String> arguments = new ArrayList<>(path);
    arguments.add("--help");
    if (run(arguments.toArray(String[]::new)) != 0) {
      found.add(String.join(" ", path));
    }
    line.getSubcommands().forEach((name, sub) -> {
      List<String> longer = new ArrayList<>(path);
      longer.add(name);
      helpless(sub, longer, found);
    });
  }

  @Test
  void aCommandThatDoesNotExistIsWrongUsage() {
    assertThat(run("upp")).isEqualTo(2);
    assertThat(err.toString()).contains("upp");
  }

  @Test
  void statusOfAFolderWithoutInstanceSaysSo(@TempDir Path folder) {
    assertThat(run("status", "--data-dir", folder.toString())).isEqualTo(3);
    assertThat(out.toString()).contains("not running on " + folder);
  }

  @Test
  void demoWithoutInstanceSaysHowToStartOne(@TempDir Path folder) {
    assertThat(run("demo", "--data-dir", folder.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("no instance is running", "./vedette up");
  }

  @Test
  void aTokenForARoleThatDoesNotExistIsRefusedWithThoseThatDo(@TempDir Path folder) {
    assertThat(run("token", "create", "--role", "root", "--data-dir", folder.toString()))
        .isEqualTo(2);
    assertThat(err.toString()).contains("root", "viewer, operator, admin or ingest");
  }

  @Test
  void rulesCheckNamesFileLineFoundAndExpected(@TempDir Path folder) throws IOException {
    Path file =
        Files.writeString(folder.resolve("mine.yaml"), "rules:\n  - alert: Mine\n    on: logs\n");
    assertThat(run("rules", "check", folder.toString())).isEqualTo(1);
    assertThat(err.toString())
        .contains(file + ":3: on: logs (expected: on: records or on: samples)");
  }

  /** Applied by mistake, it would have put no rules in force. */
  @Test
  void aFolderWithoutRulesIsNoProposal(@TempDir Path folder) {
    assertThat(run("rules", "check", folder.toString())).isEqualTo(1);
    assertThat(err.toString()).contains(folder + ":0: holds no rules (expected: files *.yaml)");
  }

  @Test
  void rulesApplyWithoutDatabaseSaysWhereOneIsLookedFor(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("mine.yaml"), "rules: []\n");
    assertThat(run("rules", "apply", file.toString(), "--data-dir", folder.toString()))
        .isEqualTo(1);
    assertThat(err.toString()).contains("VEDETTE_DATABASE_URL", "--url", folder.toString());
  }

  @Test
  void aDataFolderThatIsAFileIsRefusedAsSuch(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("data"), "not a folder");
    assertThat(run("up", "--data-dir", file.toString())).isEqualTo(1);
    assertThat(err.toString()).contains(file.toString(), "it is a file (expected: a folder)");
  }

  private int run(String... arguments) {
    CommandLine line = Vedette.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }
}
