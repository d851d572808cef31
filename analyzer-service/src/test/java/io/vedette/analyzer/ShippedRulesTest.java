package io.vedette.analyzer;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.analyzer.rule.RulesFile;
import io.vedette.analyzer.rule.RulesParser;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ShippedRulesTest {
  @Test
  void shippedRulesAreThoseOfTheFolderAndPassTheCheck() throws IOException {
    assertThat(RulesFolder.read(Path.of("..", "config", "rules")))
        .isEqualTo(RulesFolder.shipped())
        .extracting(RulesFile::name)
        .isEqualTo(RulesFolder.SHIPPED);
    RulesParser.Parsed parsed = RulesParser.parse(RulesFolder.shipped());
    assertThat(parsed.problems()).isEmpty();
    assertThat(parsed.rules())
        .extracting(rule -> rule.rule().name())
        .contains(
            "host",
            "HostCpuHigh",
            "HostDiskNearlyFull",
            "SshLoginsFailing",
            "HostSilent",
            "ScheduledSourceSilent",
            "DemoLatencyHigh");
  }
}
