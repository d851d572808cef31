package io.vedette.alert.mute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.alert.route.Matchers;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SilencesTest {
  private final Silences silences = new Silences();
  private final Iterator<String> ids = List.of("s1", "s2", "s3").iterator();

  private Silence set(String id, String matchers, long from, long to, long now) {
    List<Silence> rows = silences.set(
        new NewSilence(id, Matchers.parse(matchers), from, to, "ann", "works"), now, ids::next);
    rows.forEach(silences::put);
    return rows.get(rows.size() - 1);
  }

  @Test
  void mutedNamesItsSilenceWhileItLasts() {
    set("", "host=a", 100, 200, 50);
    assertThat(silences.muting(Map.of("host", "a"), 99)).isEmpty();
    assertThat(silences.muting(Map.of("host", "a"), 100)).containsExactly("s1");
    assertThat(silences.muting(Map.of("host", "b"), 100)).isEmpty();
    assertThat(silences.muting(Map.of("host", "a"), 200)).isEmpty();
    assertThat(silences.turned(99, 100)).isTrue();
    assertThat(silences.turned(100, 199)).isFalse();
  }

  @Test
  void changingTheEndKeepsTheIdAndTheBeginning() {
    set("", "host=a", 100, 200, 100);
    Silence longer = set("s1", "host=a", 150, 400, 150);
    assertThat(longer.id()).isEqualTo("s1");
    assertThat(longer.startsUs()).isEqualTo(100);
    assertThat(longer.endsUs()).isEqualTo(400);
  }

  @Test
  void changingTheMatchersEndsTheOldAndBeginsAnother() {
    set("", "host=a", 100, 200, 100);
    Silence other = set("s1", "host=b", 100, 200, 150);
    assertThat(other.id()).isEqualTo("s2");
    assertThat(silences.muting(Map.of("host", "a"), 150)).isEmpty();
    assertThat(silences.muting(Map.of("host", "b"), 150)).containsExactly("s2");
  }

  @Test
  void expiringIsDoneOnce() {
    set("", "host=a", 100, 200, 100);
    silences.put(silences.expire("s1", 150).orElseThrow());
    assertThat(silences.expire("s1", 160)).isEmpty();
    assertThat(silences.muting(Map.of("host", "a"), 160)).isEmpty();
  }

  @Test
  void silenceForEverythingIsRefused() {
    assertThatThrownBy(() -> new NewSilence("", Matchers.parse("host=~\".*\""), 1, 2, "ann", ""))
        .hasMessageContaining("does not match the empty value");
  }
}
