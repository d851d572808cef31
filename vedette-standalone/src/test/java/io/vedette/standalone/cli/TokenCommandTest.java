package io.vedette.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class TokenCommandTest {
  @TempDir
  Path folder = Path.of("");

  /** It is told before any database is asked: the address leads nowhere. */
  @ParameterizedTest
  @ValueSource(strings = {"vedette", "door", "door@host-7"})
  void aNameThatIsTakenIsRefused(String name) throws IOException {
    Path config = Files.writeString(folder.resolve("vedette.yaml"), """
        collector:
          sources:
            - {name: door, kind: files, include: ["/var/log/door/*"]}
        """);
    StringWriter said = new StringWriter();
    CommandLine line = new CommandLine(new TokenCommand());
    line.setErr(new PrintWriter(said, true));
    int code = line.execute(
        "create",
        "--role",
        "ingest",
        "--name",
        name,
        "--config",
        config.toString(),
        "--url",
        "postgresql://nobody:nothing@127.0.0.1:1/none");
    assertThat(code).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(said.toString()).contains("--name: " + name + " (expected: another one");
  }
}
