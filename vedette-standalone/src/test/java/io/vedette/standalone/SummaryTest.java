package io.vedette.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.runtime.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryTest {
  private static final Path DATA = Path.of("/srv/data");

  @Test
  void onATerminalItHasEverythingOneNeeds() {
    assertThat(summary(true, Optional.empty()).lines())
        .containsExactly(
            "",
            "Vedette development is watching this machine.",
            "",
            "  dashboard   http://localhost:8080/#token=SECRET",
            "  ports       collector.http 8081, edge.http 8080",
            "  data        /srv/data, 170 MB; records are kept 30 days, stored panes 7 days",
            "  trail key   vedette.invalid/0+1+KEY",
            "  stop        Ctrl-C, or ./vedette stop",
            "",
            "Ready after 3.2 s. Next: ./vedette demo");
  }

  @Test
  void elsewhereTheTokenStaysInItsFile() {
    assertThat(summary(false, Optional.empty()).lines())
        .contains(
            "  dashboard   http://localhost:8080/", "              token: in /srv/data/admin-token")
        .noneMatch(line -> line.contains("SECRET"));
  }

  @Test
  void whoCameBySshIsToldTheTunnel() {
    assertThat(summary(true, Optional.of("me@far")).lines())
        .contains("              from your own machine: ssh -L 8080:localhost:8080 me@far");
    assertThat(Up.login(Map.of("SSH_CONNECTION", "10.0.0.1 50000 10.0.0.2 22")))
        .hasValueSatisfying(login -> assertThat(login)
            .startsWith(System.getProperty("user.name") + "@")
            .doesNotEndWith("@"));
    assertThat(Up.login(Map.of("SSH_AUTH_SOCK", "/tmp/agent"))).isEmpty();
  }

  @Test
  void partsOfADayAreHours() {
    Summary summary = new Summary(
        "http://localhost:1",
        false,
        "",
        Optional.empty(),
        Map.of(),
        DATA,
        new Summary.Size(1_999_999, false),
        Duration.ofHours(36),
        Duration.ofHours(2),
        "",
        Duration.ZERO);
    assertThat(summary.lines())
        .contains(
            "  data        /srv/data, at least 1 MB; records are kept 36 hours, stored panes 2 hours");
  }

  @Test
  void theSizeIsThatOfTheFilesBelow(@TempDir Path folder) throws IOException {
    Files.write(Files.createDirectories(folder.resolve("a/b")).resolve("file"), new byte[3_000]);
    Files.write(folder.resolve("other"), new byte[500]);
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("other"));
    Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("gone"));
    assertThat(Summary.Size.of(folder)).isEqualTo(new Summary.Size(3_500, true));
  }

  @Test
  void whatVanishesDuringTheLookIsNotThere(@TempDir Path folder) throws IOException {
    assertThat(Summary.Size.of(folder.resolve("gone"))).isEqualTo(new Summary.Size(0, true));
  }

  @Test
  void aDatabaseOfTheUsersOwnIsSaidToBeLeftAlone() {
    assertThat(Up.otherDatabase(Config.of(Map.of()), DATA)).isEmpty();
    Config set = Config.load(
        null, Map.of("VEDETTE_DATABASE_URL", "postgresql://me:SECRET@db/vedette"), Map.of());
    assertThat(Up.otherDatabase(set, DATA)).hasValueSatisfying(said -> assertThat(said)
        .contains("VEDETTE_DATABASE_URL", "up does not use it", "/srv/data")
        .doesNotContain("SECRET"));
  }

  private static Summary summary(boolean terminal, Optional<String> login) {
    return new Summary(
        "http://localhost:8080",
        terminal,
        "SECRET",
        login,
        new TreeMap<>(Map.of("edge.http", 8080, "collector.http", 8081)),
        DATA,
        new Summary.Size(170_400_000, true),
        Duration.ofDays(30),
        Duration.ofDays(7),
        "vedette.invalid/0+1+KEY",
        Duration.ofMillis(3_210));
  }
}
