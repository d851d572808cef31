package io.vedette.store.erase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.model.CanonicalRecord;
import io.vedette.model.RecordDraft;
import io.vedette.model.RecordView;
import io.vedette.testkit.ManualClock;
import io.vedette.testkit.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextsTest {
  private static final List<String> PIECES = List.of(
      "\\", "\\u", "\\u00", "\\u00AB", "\\u001F", "u00", "\"", "/", "\0", "\b", "\t", "\n", "\f",
      "\r", "\u0001", "\u001f", "\u007f", "\u0080", "é", "ſ", "字", "\u2028", "😀", "A", "f", "0");

  @RegisterExtension
  final Seeds seeds = new Seeds();

  /** Such a text stopped the erasure of its record, or left what quoted it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "path C:\\u00",
        "C:\\u00AB\\u00CD",
        "a\\u00",
        "\\u00\\u00\\u00",
        "\u001f\u001e\\u001F"
      })
  void aTextThatLooksLikeAnEscapeIsWrittenAsTheRecordHasIt(String text) {
    assertIsInItsRecord(text);
  }

  @Test
  void everyTextIsWrittenAsTheRecordHasIt() {
    SplittableRandom random = seeds.random();
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      int pieces = random.nextInt(1, 12);
      for (int n = 0; n < pieces; n++) {
        text.append(PIECES.get(random.nextInt(PIECES.size())));
      }
      assertIsInItsRecord(text.toString());
    }
  }

  private static void assertIsInItsRecord(String text) {
    byte[] canonical = CanonicalRecord.of(
            RecordDraft.builder()
                .message("<" + text + ">")
                .attribute("deep", List.of(Map.of("x", "[" + text + "]")))
                .observedUs(ManualClock.START_US)
                .build(),
            "app")
        .seal(1);
    RecordView record = new RecordView(canonical);
    String json = new String(canonical, StandardCharsets.UTF_8);
    Set<String> said = new LinkedHashSet<>();
    Texts.collect(record, said);
    assertThat(said).isNotEmpty();
    String message = Objects.requireNonNull(record.text("message"));
    assertThat(json).contains("\"message\":\"" + Texts.escaped(message) + "\"");
    assertThat(said).contains(Texts.escaped(message));
    assertThat(new RecordFilter(Map.of(), message).matches(record)).isTrue();
  }

  @Test
  void halfACharacterIsRefused() {
    assertThatThrownBy(() -> new RecordFilter(Map.of(), "abc\ud83d"))
        .hasMessageContaining("filter.text: half a surrogate pair");
    assertThatThrownBy(() -> new RecordFilter(Map.of("actor", "\ude00abc"), ""))
        .hasMessageContaining("filter.actor: half a surrogate pair");
  }
}
