package io.vedette.edge.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.model.RecordView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterTest {
  private static final String RECORD =
      "{\"actor\":\"anna\",\"severity\":\"error\",\"attributes\":{\"http.status\":500,\"ok\":false,\"list\":[1]}}";

  private static RecordView facts(String json) {
    return new RecordView(json.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"actor\":\"anna\"}                                   | true",
        "{\"actor\":\"bert\"}                                   | false",
        "{\"actor\":[\"bert\",\"anna\"],\"severity\":\"error\"} | true",
        "{\"actor\":[\"bert\",\"anna\"],\"severity\":\"info\"}  | false",
        "{\"attributes.http.status\":500}                       | true",
        "{\"attributes.http.status\":500.0}                     | true",
        "{\"attributes.http.status\":\"500\"}                   | false",
        "{\"attributes.ok\":false}                              | true",
        "{\"attributes.nothing\":null}                          | true",
        "{\"attributes.ok\":null}                               | false",
        "{\"attributes.list\":1}                                | false",
        "actor == 'anna' && attributes['http.status'] >= 500    | true",
        "attributes.missing == 1                                | false",
        "severity_number >= 17 && !has(attributes.nothing)      | true"
      })
  void wants(String text, boolean wanted) throws BadWish {
    assertThat(FilterParser.of("records", text).matches(facts(RECORD))).isEqualTo(wanted);
    FilterIndex index = new FilterIndex(4, () -> 0);
    index.hold(FilterParser.of("records", text));
    assertThat(index.matching(facts(RECORD))).as("by the index").hasSize(wanted ? 1 : 0);
  }

  @Test
  void otherTopicsHaveTheirOwnMembers() throws BadWish {
    RecordView alert = facts("{\"state\":\"firing\",\"labels\":{\"severity\":\"page\"}}");
    assertThat(FilterParser.of("alerts", "{\"labels.severity\":\"page\"}").matches(alert))
        .isTrue();
    assertThat(
            FilterParser.of("alerts", "labels.severity == 'page' && publication.state != 'firing'")
                .matches(alert))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"actr\":\"anna\"}          | column 2: no field actr (expected: severity",
        "{\"actor\":{\"a\":1}}        | column 10: actor: an object (expected: a text",
        "{\"actor\":[]}               | actor: a list of 0 values",
        "{\"actor\":\"a\",            | column",
        "{\"actor\":\"a\"} x          | column",
        "{\"actor\":\"a\",\"actor\":1} | Duplicate",
        "{}                           | at least one field",
        "actor                        | gives string, not bool",
        "actor ==                     | line 1, column",
        "attributes.exists(a, attributes.exists(b, attributes.exists(c, a == b))) | costs",
        "`  `                         | empty"
      })
  void refuses(String text, String because) {
    assertThatThrownBy(() -> FilterParser.of("records", text))
        .isInstanceOf(BadWish.class)
        .hasMessageContaining("headers.filter")
        .hasMessageContaining(because);
  }

  @Test
  void refusesWhatIsTooLong() {
    assertThatThrownBy(() -> FilterParser.of("records", "actor == '" + "x".repeat(3000) + "'"))
        .hasMessageContaining("3011 characters (expected: at most 2000)");
    assertThatThrownBy(() -> FilterParser.of(
            "records", "{\"actor\":[" + list(9) + "],\"action\":[" + list(8) + "]}"))
        .hasMessageContaining("72 combinations");
  }

  private static String list(int n) {
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < n; i++) {
      list.append(i == 0 ? "" : ",").append('"').append(i).append('"');
    }
    return list.toString();
  }

  @Test
  void theSameWishIsOneFilterUntilItsLastHolderIsGone() throws BadWish {
    FilterIndex index = new FilterIndex(1, () -> 0);
    Filter one =
        Objects.requireNonNull(index.hold(FilterParser.of("records", "{\"actor\":\"1\"}")));
    assertThat(index.hold(FilterParser.of("records", "{ \"actor\" : \"1\" }"))).isSameAs(one);
    assertThat(index.hold(FilterParser.of("records", "{\"actor\":1}"))).isNotSameAs(one);
    assertThat(index.hold(FilterParser.of("records", "kind == 'x'")))
        .as("a second sieve")
        .isNull();
    index.release(one);
    assertThat(index.matching(facts("{\"actor\":\"1\"}"))).containsExactly(one);
    index.release(one);
    assertThat(index.matching(facts("{\"actor\":\"1\"}"))).isEqualTo(List.of());
    assertThat(index.size()).isEqualTo(1);
  }
}
