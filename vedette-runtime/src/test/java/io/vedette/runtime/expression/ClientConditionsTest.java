package io.vedette.runtime.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClientConditionsTest {
  private static final long MAX_COST = 20_000;
  private static final String HUNDRED = "b".repeat(100);

  @Test
  void whatPeopleFilterByIsAllowed() {
    for (String text : List.of(
        "severity == 'error'",
        "severity_number >= 17 && actor.startsWith('svc-')",
        "severity_number + 1 > 9 || -severity_number < 3",
        "message.matches('(?i)fail(ed|ure) .*[0-9]{1,3}')",
        "matches(message, 'x+')",
        "message.lowerAscii().contains('denied') ? true : outcome in ['failure', 'refused']",
        "attributes.exists(name, name.startsWith('x'))",
        "attributes.all(k, size(k) < 10) && flags.exists_one(f, f == 'backfill')",
        "flags.filter(f, f != 'a').size() > 0 && flags.map(f, size(f)).exists(n, n > 3)",
        "has(attributes.status) && double(attributes.status) + 1.0 > 500.0",
        "attributes[?'status'].orValue(0) == 500",
        "time > timestamp('2026-01-01T00:00:00Z') && observed - time < duration('5s')",
        "time.getHours('Europe/Berlin') < 6",
        "math.greatest(severity_number, 3) == math.abs(-5)",
        "message.substring(0, 3) == 'abc' && message.indexOf('x') > 2 && message.trim().charAt(0) == 'a'",
        "type(attributes.a) == int && record.message == message")) {
      assertThatCode(() -> Expressions.recordCondition(text, MAX_COST))
          .as(text)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void whatGrowsWithEveryEvaluationIsRefused() {
    String growing = "'a'" + (".replace('a', '" + HUNDRED + "')").repeat(5) + " == message";
    refused(growing, "function replace");
    refused("message.split('').join('" + HUNDRED + "') == ''", "function");
    refused("message + message == ''", "+ of texts");
    refused("b'a' + bytes(message) == b''", "(expected:");
    refused(
        "attributes.a + attributes.b == 'ab'", "+ of texts, or of values whose type is not known");
    refused("regex.replace(message, 'a', '" + HUNDRED + "') == ''", "function regex.replace");
    refused("message.reverse() == ''", "function reverse");
  }

  @Test
  void expressionsWithinAreLiteralsOfBoundedSize() {
    refused("message.matches('(((a{1000}){1000}){100})')", "100");
    refused("message.matches('(((a{100}){100}){100})')", "steps");
    refused(
        "message.matches('a{1000}') || message.matches('b{1000}') || actor.matches('c{9}')",
        "steps");
    refused("message.matches(actor)", "matches with a");
    refused("['a', 'b'].exists(p, message.matches(p))", "matches with a");
  }

  @Test
  void looksAtTextsWithinMacrosCount() {
    String looks = "k.contains('a') || ".repeat(15) + "k.contains('b')";
    refused("attributes.exists(k, " + looks + ")", "costs");
    refused("attributes.exists(a, attributes.exists(b, a.contains(b)))", "costs");
  }

  @Test
  void rulesOfOperatorsMayDoMore() throws BadExpression {
    assertThat(Expressions.ofRecord(
            "message.replace('a', 'b') + 'x' == '' || message.matches(actor)",
            dev.cel.common.types.SimpleType.BOOL))
        .isNotNull();
  }

  private static void refused(String text, String found) {
    assertThatThrownBy(() -> Expressions.recordCondition(text, MAX_COST))
        .as(text)
        .isInstanceOf(BadExpression.class)
        .hasMessageContaining(found)
        .hasMessageContaining("expected:");
  }
}
