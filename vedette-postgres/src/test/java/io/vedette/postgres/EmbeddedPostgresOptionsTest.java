package io.vedette.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedPostgresOptionsTest {
  private final EmbeddedPostgresOptions options = EmbeddedPostgresOptions.in(Path.of("data"));

  @Test
  void copiesDoNotChangeTheirOriginal() {
    EmbeddedPostgresOptions quick =
        options.withSettings(Map.of("fsync", "off")).withPort(5000).withDatabase("other");
    assertThat(options.settings()).isEmpty();
    assertThat(options.port()).isZero();
    assertThat(options.database()).isEqualTo("vedette");
    assertThat(quick.withSettings(Map.of("work_mem", "1MB")).settings())
        .isEqualTo(Map.of("fsync", "off", "work_mem", "1MB"));
    assertThat(quick.folder()).isAbsolute();
  }

  @Test
  void isDurableUnlessToldOtherwise() {
    assertThat(new ServerSettings(options.settings()).isDurable()).isTrue();
    assertThat(new ServerSettings(Map.of("fsync", "off")).isDurable()).isFalse();
    assertThat(new ServerSettings(Map.of("shared_buffers", "32MB")).arguments(5000))
        .contains(
            "port=5000",
            "fsync=on",
            "full_page_writes=on",
            "synchronous_commit=on",
            "shared_buffers=32MB")
        .doesNotContain("shared_buffers=96MB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"port", "listen_addresses", "hba_file", "Work Mem", ""})
  void settingsThatAreOursOrNoneAreRefused(String name) {
    assertThatThrownBy(() -> options.withSettings(Map.of(name, "x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("setting " + name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\"b", "A", "1a", "a-b"})
  void strangeDatabaseNamesAreRefused(String name) {
    assertThatThrownBy(() -> options.withDatabase(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("database " + name);
  }

  @Test
  void aListenerThatThrowsDoesNotHarmTheTeller() {
    EmbeddedPostgresOptions listening = options.withProgress(sentence -> {
      throw new IllegalStateException("listener");
    });
    assertThatCode(() -> listening.progress().accept("hello")).doesNotThrowAnyException();
  }
}
