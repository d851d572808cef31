package io.vedette.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What a process shows at {@code /metrics}. */
record Metrics(String text) {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  static Metrics of(VedetteProcess process, String service) throws Exception {
    return new Metrics(process.get(service, "/metrics").body());
  }

  /** Sum over all series that begin so; 0 where there is none. */
  double sum(String beginning) {
    return text.lines()
        .filter(line -> line.startsWith(beginning))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  void passPromtool(Path promtool, String who) throws Exception {
    Command check =
        Command.run(LIMIT, Map.of(), text, List.of(promtool.toString(), "check", "metrics"));
    assertThat(check.printed()).as("promtool check metrics of %s", who).isEmpty();
    assertThat(check.code()).isZero();
  }
}
