package io.vedette.edge.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import io.vedette.runtime.expression.RegexSize;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code (((a{100}){100}){100})} took a fifth of a second of the loop that serves the sessions, and the memory of a million steps. */
class RegexSizeTest {
  @Test
  void isNotLessThanHalfOfTheCompiledProgram() {
    for (String expression : List.of(
        "",
        "web-[0-9]{1,3}",
        "a{100}",
        "a{0,100}",
        "(a{10}){10}",
        "((a{10}){10}){10}",
        "(?:[^]x]{20}|\\d{30}y){10}",
        "[[:alpha:]{9}]{50}",
        "\\pL{50}\\p{Greek}{50}\\x{1F600}{50}",
        "\\Q(((\\E{3}x{50}",
        "(?i)(?P<name>abc){20}",
        "(\\(){50}",
        "(a|b|c|d){40}",
        "x*y+z?",
        "a{2,}",
        "[\\]{9}]{50}")) {
      long truth = Pattern.compile(expression).programSize();
      assertThat(2 * RegexSize.of(expression) + 8).as(expression).isGreaterThanOrEqualTo(truth);
    }
  }

  @Test
  void usualOnesAreSmall() throws BadWish {
    String uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    assertThat(RegexSize.of(uuid)).isEqualTo(36);
    assertThat(Selector.of("{id=~\"" + uuid + "\"}").text()).contains(uuid);
  }

  @Test
  void whatMultipliesIsRefusedBeforeItIsCompiled() {
    for (String selector : List.of(
        "{a=~\"(((a{100}){100}){100})\"}",
        "{a=~\"((((((((a{999}){999}){999}){999}){999}){999}){999}){999})\"}",
        "{a=~\"b{1000}\",c!~\"d{1000}\",e=~\"f\"}")) {
      assertThatThrownBy(() -> Selector.of(selector))
          .isInstanceOf(BadWish.class)
          .hasMessageContaining("steps")
          .hasMessageContaining("expected: at most 2000");
    }
  }

  @Test
  void brokenOnesAreLeftToTheCompiler() {
    for (String broken :
        List.of("(", ")", "[", "[[:", "\\", "a{", "a{1", "x{5,1}", "\\Q", "\\p{", "{3}")) {
      assertThat(RegexSize.of(broken)).as(broken).isBetween(0L, 10L);
    }
  }
}
