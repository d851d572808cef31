package io.vedette.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.runtime.RuntimeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigTest {
  private enum Colour {
    RED,
    DARK_BLUE
  }

  private static final Key<Duration> MAX_AGE = Key.duration(
      "mill.batch.max-age",
      Duration.ofMillis(5),
      Duration.ofMillis(1),
      Duration.ofSeconds(10),
      "age");
  private static final Key<Long> MAX_SIZE =
      Key.size("mill.batch.max-size", 1 << 20, 1, 1 << 30, "size");
  private static final Key<Integer> PORT = Key.port("mill.http.port", 8081, "port");
  private static final Key<Optional<String>> PASSWORD =
      Key.optionalString("mill.password", "password").secret();
  private static final Key<List<String>> NAMES = Key.strings("mill.names", List.of("a"), "names");
  private static final Key<ConfigNode> STONES = Key.tree("mill.stones", "stones");
  private static final Key<Colour> COLOUR = Key.oneOf("mill.colour", Colour.RED, "colour");
  private static final Key<Boolean> WET = Key.bool("mill.wet", true, "wet");
  private static final Key<Double> SHARE = Key.number("mill.share", 0.5, 0, 1, "share");

  private static final ConfigSection MILL = new ConfigSection() {
    @Override
    public String name() {
      return "mill";
    }

    @Override
    public List<Key<?>> keys() {
      return List.of(MAX_AGE, MAX_SIZE, PORT, PASSWORD, NAMES, STONES, COLOUR, WET, SHARE);
    }
  };

  private static Config load(
      String yaml, Map<String, String> environment, Map<String, String> sets) {
    return Config.load(List.of(MILL), ConfigNode.parse("vedette.yaml", yaml), environment, sets);
  }

  private static Config load(String yaml) {
    return load(yaml, Map.of(), Map.of());
  }

  private static AbstractThrowableAssert<?, ?> refuses(String yaml) {
    return assertThatThrownBy(() -> load(yaml)).isInstanceOf(ConfigException.class);
  }

  @Test
  void takesDefaultsWhereNothingIsWritten() {
    Config config = load("");

    assertThat(config.get(MAX_AGE)).isEqualTo(Duration.ofMillis(5));
    assertThat(config.get(PASSWORD)).isEmpty();
    assertThat(config.get(NAMES)).containsExactly("a");
    assertThat(config.tree(STONES).list()).isEmpty();
    assertThat(config.origin(MAX_AGE)).isEqualTo("default");
    assertThat(config.isSet(MAX_AGE)).isFalse();
  }

  @Test
  void readsEveryType() {
    Config config = load("""
        mill:
          batch: {max-age: 250ms, max-size: 2MiB}
          http:
            port: 0
          password: "0123"
          names: [x, y]
          stones:
            - {name: upper, kg: 900}
          colour: dark-blue
          wet: false
          share: 0.25
        """);

    assertThat(config.get(MAX_AGE)).isEqualTo(Duration.ofMillis(250));
    assertThat(config.get(MAX_SIZE)).isEqualTo(2L << 20);
    assertThat(config.get(PORT)).isZero();
    assertThat(config.get(PASSWORD)).contains("0123");
    assertThat(config.get(NAMES)).containsExactly("x", "y");
    assertThat(config.tree(STONES).list().get(0).integer("kg", 0)).isEqualTo(900);
    assertThat(config.get(COLOUR)).isEqualTo(Colour.DARK_BLUE);
    assertThat(config.get(WET)).isFalse();
    assertThat(config.get(SHARE)).isEqualTo(0.25);
    assertThat(config.origin(PORT)).isEqualTo("vedette.yaml:4");
  }

  @Test
  void dottedKeysMeanTheSame() {
    assertThat(load("mill.batch.max-age: 7ms").get(MAX_AGE)).isEqualTo(Duration.ofMillis(7));
    assertThat(load("mill:\n  batch.max-age: 7ms").get(MAX_AGE)).isEqualTo(Duration.ofMillis(7));
  }

  @Test
  void commandLineBeatsEnvironmentBeatsFile() {
    String yaml = "mill: {http: {port: 1}, wet: true, batch: {max-age: 1ms}}";
    Map<String, String> environment =
        Map.of("VEDETTE_MILL_HTTP_PORT", "2", "VEDETTE_MILL_BATCH_MAX_AGE", "2ms");

    Config config = load(yaml, environment, Map.of("mill.http.port", "3"));

    assertThat(config.get(PORT)).isEqualTo(3);
    assertThat(config.origin(PORT)).isEqualTo("--set mill.http.port");
    assertThat(config.get(MAX_AGE)).isEqualTo(Duration.ofMillis(2));
    assertThat(config.get(WET)).isTrue();
  }

  @Test
  void environmentGivesListsAndTrees() {
    Config config = load(
        "",
        Map.of("VEDETTE_MILL_NAMES", "x, y", "VEDETTE_MILL_STONES", "[{name: lower}]"),
        Map.of());

    assertThat(config.get(NAMES)).containsExactly("x", "y");
    assertThat(config.tree(STONES).list().get(0).string("name")).isEqualTo("lower");
  }

  @Test
  void environmentTextIsTakenAsItStands() {
    assertThat(load("", Map.of("VEDETTE_MILL_PASSWORD", "a: {b] #c"), Map.of()).get(PASSWORD))
        .contains("a: {b] #c");
  }

  @Test
  void wrongValueNamesFileLineFoundAndAllowed() {
    refuses("mill:\n  batch:\n    max-age: 5\n")
        .hasMessage(
            "vedette.yaml:3: mill.batch.max-age: 5 (expected: a duration such as 250ms, 5s, 2m or 1h30m)");
    refuses("mill:\n  batch:\n    max-age: 11s\n")
        .hasMessage(
            "vedette.yaml:3: mill.batch.max-age: 11s (expected: a duration from 1ms to 10s)");
    refuses("mill: {http: {port: 70000}}")
        .hasMessage(
            "vedette.yaml:1: mill.http.port: 70000 (expected: a whole number from 0 to 65535)");
    refuses("mill: {http: {port: eighty}}")
        .hasMessageContaining("eighty (expected: a whole number)");
    refuses("mill: {colour: green}")
        .hasMessage("vedette.yaml:1: mill.colour: green (expected: red, dark-blue)");
    refuses("mill: {wet: yes}")
        .hasMessage("vedette.yaml:1: mill.wet: yes (expected: true or false)");
    refuses("mill: {share: 2}").hasMessageContaining("2 (expected: a number from 0.0 to 1.0)");
    refuses("mill: {wet: [true]}").hasMessageContaining("a list (expected: true or false)");
  }

  @Test
  void unknownKeyNamesTheNearest() {
    refuses("\nmill:\n  bach: {max-age: 5ms}\n")
        .hasMessage(
            "vedette.yaml:3: mill.bach: unknown key (did you mean batch? expected: batch, colour, http, names, password, share, stones, wet)");
    refuses("miil: {}")
        .hasMessageContaining("vedette.yaml:1: miil: unknown key (did you mean mill?");
  }

  @Test
  void valueInPlaceOfKeysIsRefused() {
    refuses("mill:\n  batch: 5")
        .hasMessage(
            "vedette.yaml:2: mill.batch: 5 (expected: keys with values: max-age, max-size)");
    refuses("- mill").hasMessageContaining("a list (expected: keys with values)");
  }

  @Test
  void everythingWrongIsToldAtOnce() {
    assertThatThrownBy(() -> load(
            "mill:\n  wet: 1\n  dry: 2\n", Map.of(), Map.of("mill.http.port", "x", "nil", "1")))
        .isInstanceOfSatisfying(
            ConfigException.class, wrong -> assertThat(wrong.problems()).hasSize(4));
  }

  @Test
  void emptySectionIsNone() {
    assertThat(load("mill:\n  batch:\n").get(MAX_AGE)).isEqualTo(Duration.ofMillis(5));
  }

  @ParameterizedTest
  @CsvSource({"collector", "analyzer", "alert", "edge"})
  void sectionOfAServiceNotOnTheClassPathIsPassedOver(String service) {
    Config config =
        load(service + ": {http: {port: 1}}", Map.of(), Map.of(service + ".http.port", "1"));

    assertThat(config.get(PORT)).isEqualTo(8081);
  }

  @Test
  void brokenYamlNamesItsLine() {
    assertThatThrownBy(() -> ConfigNode.parse("vedette.yaml", "mill:\n  wet: [true\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("vedette.yaml:3: no YAML: ");
    assertThatThrownBy(() -> ConfigNode.parse("vedette.yaml", "a: 1\nb: 2\na: 3"))
        .hasMessage("vedette.yaml:3: a: written twice (expected: once)");
    assertThatThrownBy(() -> ConfigNode.parse("vedette.yaml", "a: 1\n---\nb: 2"))
        .hasMessageContaining("a second document (expected: one)");
    assertThatThrownBy(() -> ConfigNode.parse("vedette.yaml", "[".repeat(100) + "]".repeat(100)))
        .hasMessageContaining("nested deeper than 64");
    assertThatThrownBy(() -> ConfigNode.parse("vedette.yaml", "a: &x [*x]"))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  void unreadableFileIsNamed(@TempDir Path folder) throws IOException {
    assertThatThrownBy(() -> Config.load(folder.resolve("absent.yaml"), Map.of(), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("absent.yaml: cannot be read");
    Path latin1 = Files.write(folder.resolve("latin1.yaml"), new byte[] {'#', (byte) 0xE9, '\n'});
    assertThatThrownBy(() -> Config.load(latin1, Map.of(), Map.of()))
        .hasMessageContaining("bytes that are not UTF-8");
  }

  @Test
  void variableNearAKeyIsAnErrorAnotherAWarning() {
    assertThatThrownBy(() -> load("", Map.of("VEDETTE_MILL_HTTP_PROT", "1"), Map.of()))
        .hasMessage(
            "environment variable VEDETTE_MILL_HTTP_PROT: unknown (did you mean VEDETTE_MILL_HTTP_PORT?)");

    Config config =
        load("", Map.of("VEDETTE_EDGE_PORT_8080_TCP_ADDR", "10.0.0.1", "HOME", "/root"), Map.of());
    assertThat(config.warnings())
        .containsExactly(
            "environment variable VEDETTE_EDGE_PORT_8080_TCP_ADDR is no configuration key and has no effect");
  }

  @Test
  void wrongVariableIsNamed() {
    assertThatThrownBy(() -> load("", Map.of("VEDETTE_MILL_WET", "1"), Map.of()))
        .hasMessage("environment variable VEDETTE_MILL_WET: mill.wet: 1 (expected: true or false)");
  }

  @Test
  void overridesComeOnTop() {
    Config config = load("mill: {http: {port: 1}}").withOverrides(Map.of("mill.http.port", "2"));

    assertThat(config.get(PORT)).isEqualTo(2);
    assertThatThrownBy(() -> config.withOverrides(Map.of("mill.http.prt", "2")))
        .hasMessageContaining("did you mean mill.http.port?");
  }

  @Test
  void descriptionHidesSecrets() {
    String text = load("mill: {password: hunter2, http: {port: 1}}").describe();

    assertThat(text)
        .contains(
            "mill.http.port",
            "VEDETTE_MILL_HTTP_PORT",
            "default: 8081",
            "now: 1 (vedette.yaml:1)",
            "not shown")
        .doesNotContain("hunter2");
  }

  @Test
  void keyThatNoSectionDeclaresIsAMistakeOfOurs() {
    assertThatThrownBy(() -> load("").get(Key.bool("mill.other", true, "")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("mill.other");
  }

  @Test
  void sectionsAreFoundOnTheClassPath() {
    assertThat(Config.of(Map.of("http.bind", "127.0.0.2")).get(RuntimeConfig.HTTP_BIND))
        .isEqualTo("127.0.0.2");
  }

  @Test
  void treesTellWhatIsWrongInThem() {
    ConfigNode stones =
        load("mill:\n  stones:\n    - name: upper\n      wieght: 3\n    - {}\n").tree(STONES);

    assertThatThrownBy(() -> stones.list().get(0).unknownKeys(java.util.Set.of("name", "weight")))
        .hasMessage(
            "vedette.yaml:4: mill.stones[0].wieght: unknown key (did you mean weight? expected: name, weight)");
    assertThatThrownBy(() -> stones.list().get(1).string("name"))
        .hasMessage(
            "vedette.yaml:5: mill.stones[1].name: nothing (expected: a value: it is required)");
    assertThatThrownBy(() -> stones.list().get(0).at("wieght").list())
        .hasMessage("vedette.yaml:4: mill.stones[0].wieght: 3 (expected: a list)");
    assertThat(stones.toObject())
        .isEqualTo(List.of(Map.of("name", "upper", "wieght", 3L), Map.of()));
  }
}
