package io.vedette.edge.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectorTest {
  private static final Map<String, String> LABELS = Map.of("host", "web-1", "unit", "a\"b\\c");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{host=\"web-1\"}                 | true",
        "{ host = 'web-1' , }              | true",
        "{host!=\"web-1\"}                | false",
        "{host=~\"web\"}                  | false",
        "{host=~\"web-[0-9]+\"}           | true",
        "{host!~\"db.*\",rack=\"\"}       | true",
        "{rack!=\"\"}                     | false",
        "{unit=\"a\\\"b\\\\c\"}          | true"
      })
  void selects(String text, boolean wanted) throws BadWish {
    assertThat(Selector.of(text).matches(LABELS)).isEqualTo(wanted);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "host=\"a\"      | column 1: 'h' (expected: {",
        "{}               | no matcher",
        "{host}           | column 6: '}' (expected: one of = != =~ !~",
        "{host=a}         | column 7: 'a' (expected: a quoted value",
        "{host=\"a}       | column 7: a value without end",
        "{host=~\"(\"}    | column 8: error parsing regexp",
        "{host=\"a\" x}   | column 11: 'x' (expected: ,",
        "{host=\"a\"} x   | column 12: more behind"
      })
  void refuses(String text, String because) {
    assertThatThrownBy(() -> Selector.of(text))
        .isInstanceOf(BadWish.class)
        .hasMessageContaining(because);
  }

  @Test
  void theSameInOtherWordsOfBlanksIsTheSame() throws BadWish {
    assertThat(Selector.of("{ a = 'b' }").text())
        .isEqualTo(Selector.of("{a=\"b\"}").text());
  }
}
