package io.vedette.analyzer.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The shipped rule on refusals of the signer. What ends an alert is that nothing is said any more, so it must end where nothing else is said either: on a trail of nothing but ticks. */
class TrailNotSignedTest {
  private static final String REFUSED =
      "\"kind\":\"trail.sign\",\"action\":\"checkpoint.sign\",\"target\":\"trail 1\",\"outcome\":\"failure\"";

  private static Story story() throws IOException {
    return new Story(Files.readString(Path.of("..", "config", "rules", "trail.yaml")));
  }

  @Test
  void aRefusalFiresAtOnceAndClearsAnHourLaterThoughNothingIsSaid() throws IOException {
    Story story = story();
    story.record(5, "vedette", REFUSED).at(5);
    assertThat(story.findings).singleElement().satisfies(finding -> assertThat(finding.labels())
        .containsEntry("alertname", "TrailNotSigned")
        .containsEntry("target", "trail 1"));
    assertThat(story.told()).isEqualTo("FIRING@5");
    story.ticks(6, 3_600);
    assertThat(story.told()).as("while the hour lasts").isEmpty();
    story.ticks(3_601, 3_700);
    assertThat(story.told()).isEqualTo("CLEARED@3660");
    story.ticks(3_701, 7_400);
    assertThat(story.told()).isEmpty();
  }

  /** Who refuses says it again every half hour. */
  @Test
  void aRefusalThatLastsIsOneAlert() throws IOException {
    Story story = story();
    for (int second = 5; second <= 9_005; second++) {
      if (second % 1_800 == 5) {
        story.record(second, "vedette", REFUSED);
      }
      story.at(second);
    }
    assertThat(story.told()).isEqualTo("FIRING@5");
    story.ticks(9_006, 12_700);
    assertThat(story.told()).isEqualTo("CLEARED@12660");
  }

  @Test
  void nobodyElsesWordCounts() throws IOException {
    Story story = story();
    story.record(5, "app", REFUSED).at(5).ticks(6, 80);
    assertThat(story.told()).isEmpty();
  }
}
