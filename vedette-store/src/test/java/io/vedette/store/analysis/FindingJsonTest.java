package io.vedette.store.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.Evidence;
import io.vedette.model.Finding;
import io.vedette.model.Stamps;
import io.vedette.model.Transition;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FindingJsonTest {
  private static final Finding FINDING = new Finding(
      1,
      7,
      42,
      "Silent",
      3,
      "ab12",
      new TreeMap<>(Map.of("host", "a\"b")),
      Transition.FIRING,
      99,
      1_000_000,
      900_000,
      new TreeMap<>(Map.of("alertname", "Silent", "host", "a\"b")),
      new TreeMap<>(Map.of("summary", "心")),
      new Evidence(1, 2, Double.NaN, "absent", 30, 0, -1, -1, List.of(5L, 6L)),
      Stamps.UNKNOWN);

  @Test
  void readsWhatItWrote() {
    assertThat(FindingJson.read(FindingJson.write(FINDING), Stamps.UNKNOWN)).isEqualTo(FINDING);
  }

  @Test
  void writtenFormIsFixed() {
    assertThat(new String(FindingJson.write(FINDING), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"trail\":1,\"partition\":7,\"number\":42,\"rule\":\"Silent\",\"revision\":3,\"ruleHash\":\"ab12\",\"key\":{\"host\":\"a\\\"b\"},\"transition\":\"firing\","
                + "\"batch\":99,\"atUs\":1000000,\"sinceUs\":900000,\"labels\":{\"alertname\":\"Silent\",\"host\":\"a\\\"b\"},\"annotations\":{\"summary\":\"心\"},"
                + "\"evidence\":{\"windowStartUs\":1,\"windowEndUs\":2,\"value\":null,\"comparison\":\"absent\",\"threshold\":30.0,\"count\":0,\"firstIndex\":-1,\"lastIndex\":-1,\"sample\":[5,6]}}");
  }
}
