package io.vedette.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.runtime.config.Config;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogsTest {
  private static final Logger log = LoggerFactory.getLogger("io.vedette.example");
  private final PrintStream err = System.err;

  @AfterEach
  void restore() {
    System.setErr(err);
    Logs.configure(Config.of(Map.of()));
  }

  private String lines(Map<String, String> sets) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    Logs.configure(Config.of(sets));
    log.info("said {}", "one\ntwo\u001b[31m");
    log.debug("not said");
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void textIsOneLineWithoutControlCharacters() {
    assertThat(lines(Map.of()))
        .endsWith("said one two [31m\n")
        .contains(" INFO ")
        .doesNotContain("not said")
        .doesNotContain("\u001b")
        .hasLineCount(1);
  }

  @Test
  void jsonIsOneObjectPerLine() {
    String lines = lines(Map.of("log.format", "json"));

    assertThat(lines).hasLineCount(1);
    JsonObject line = new JsonObject(lines);
    assertThat(line.getString("level")).isEqualTo("INFO");
    assertThat(line.getString("loggerName")).isEqualTo("io.vedette.example");
    assertThat(line.getString("formattedMessage")).isEqualTo("said one\ntwo\u001b[31m");
    assertThat(line.containsKey("arguments")).isFalse();
  }

  @Test
  void levelOfOneLoggerCanBeSet() {
    assertThat(lines(Map.of("log.levels", "{io.vedette.example: debug}"))).contains("not said");
    assertThat(lines(Map.of("log.levels", "{io.vedette.example: off}"))).isEmpty();
  }

  @Test
  void wrongLevelIsNamed() {
    assertThatThrownBy(() -> lines(Map.of("log.levels", "{a: loud}")))
        .hasMessageContaining(
            "log.levels.a: loud (expected: off, error, warn, info, debug, trace)");
  }
}
