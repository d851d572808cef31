package io.vedette.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.erdtman.jcs.NumberToJSON;
import org.junit.jupiter.api.Test;

class NumbersTest {

  /** The rule as docs/design/architecture.md states it, by BigDecimal. */
  private static boolean staysNumber(String literal) {
    double nearest = Double.parseDouble(literal);
    return !Double.isInfinite(nearest)
        && new BigDecimal(literal).compareTo(new BigDecimal(Numbers.shortest(nearest))) == 0;
  }

  @Test
  void agreesWithTheRuleOnRandomLiterals() {
    long seed = Long.getLong("seed", 4711L);
    Random random = new Random(seed);
    for (int round = 0; round < 200_000; round++) {
      String literal = literal(random);
      Object exact = Numbers.exact(literal);
      assertThat(exact != null).as("seed %d: %s", seed, literal).isEqualTo(staysNumber(literal));
      if (exact != null) {
        assertThat(((Number) exact).doubleValue()).isEqualTo(Double.parseDouble(literal) + 0.0);
      }
    }
  }

  private static String literal(Random random) {
    StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
    int digits = 1 + random.nextInt(20);
    text.append(1 + random.nextInt(9));
    for (int i = 1; i < digits; i++) {
      text.append(random.nextInt(3) == 0 ? random.nextInt(10) : 0);
    }
    if (random.nextBoolean()) {
      text.append('.');
      for (int i = random.nextInt(18); i >= 0; i--) {
        text.append(random.nextInt(4) == 0 ? random.nextInt(10) : 0);
      }
    }
    if (random.nextInt(3) == 0) {
      text.append(random.nextBoolean() ? 'e' : 'E')
          .append(random.nextBoolean() ? "-" : "+")
          .append(random.nextInt(340));
    }
    return random.nextInt(10) == 0
        ? Double.toString(Double.longBitsToDouble(random.nextLong() & ~(1L << 62)))
        : text.toString();
  }

  /** RFC 8785, appendix B. */
  @Test
  void writesTheRfcsExamples() {
    assertThat(Numbers.shortest(Double.longBitsToDouble(1))).isEqualTo("5e-324");
    assertThat(Numbers.shortest(Double.longBitsToDouble(0x7fefffffffffffffL)))
        .isEqualTo("1.7976931348623157e+308");
    assertThat(Numbers.shortest(Double.longBitsToDouble(0x4430000000000000L)))
        .isEqualTo("295147905179352830000");
    assertThat(Numbers.shortest(Double.longBitsToDouble(0x44b52d02c7e14af5L)))
        .isEqualTo("9.999999999999997e+22");
    assertThat(Numbers.shortest(Double.longBitsToDouble(0x44b52d02c7e14af6L))).isEqualTo("1e+23");
    assertThat(Numbers.shortest(Double.longBitsToDouble(0x44b52d02c7e14af7L)))
        .isEqualTo("1.0000000000000001e+23");
    assertThat(Numbers.shortest(Double.longBitsToDouble(0x444b1ae4d6e2ef4eL)))
        .isEqualTo("999999999999999700000");
    assertThat(Numbers.shortest(Double.longBitsToDouble(0x444b1ae4d6e2ef4fL)))
        .isEqualTo("999999999999999900000");
    assertThat(Numbers.shortest(Double.longBitsToDouble(0x444b1ae4d6e2ef50L))).isEqualTo("1e+21");
    assertThat(Numbers.shortest(Double.longBitsToDouble(0x3eb0c6f7a0b5ed8cL)))
        .isEqualTo("9.999999999999997e-7");
    assertThat(Numbers.shortest(Double.longBitsToDouble(0x3eb0c6f7a0b5ed8dL)))
        .isEqualTo("0.000001");
    assertThat(Numbers.shortest(Double.longBitsToDouble(0x41b3de4355555553L)))
        .isEqualTo("333333333.3333332");
    assertThat(Numbers.shortest(Double.longBitsToDouble(0x41b3de4355555554L)))
        .isEqualTo("333333333.33333325");
    assertThat(Numbers.shortest(Double.longBitsToDouble(0xbecbf647612f3696L)))
        .isEqualTo("-0.0000033333333333333333");
    assertThat(Numbers.shortest(Double.longBitsToDouble(0x43143ff3c1cb0959L)))
        .isEqualTo("1424953923781206.2");
    assertThat(Numbers.shortest(Math.scalb(1.0, -44))).isEqualTo("5.684341886080802e-14");
  }

  /** Another writer of the same form agrees, but for the subnormal numbers it cannot write. */
  @Test
  void agreesWithAnotherWriterOnRandomDoubles() throws Exception {
    long seed = Long.getLong("seed", 99L);
    Random random = new Random(seed);
    for (int round = 0; round < 100_000; round++) {
      double value =
          switch (round % 3) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> random.nextInt(1_000_000) / 1000.0;
            default -> random.nextGaussian() * 1e6;
          };
      if (Double.isFinite(value) && Math.abs(value) > 1e-300) {
        assertThat(Numbers.shortest(value))
            .as("seed %d", seed)
            .isEqualTo(NumberToJSON.serializeNumber(value));
      }
    }
  }

  @Test
  void edges() {
    assertThat(Numbers.exact("9007199254740992")).isEqualTo(9007199254740992L);
    assertThat(Numbers.exact("9007199254740993")).isNull();
    assertThat(Numbers.exact("9007199254740994")).isEqualTo(9007199254740994d);
    assertThat(Numbers.exact("0e999999999999999")).isEqualTo(0L);
    assertThat(Numbers.exact("-0.0")).isEqualTo(0L);
    assertThat(Numbers.exact("1.7976931348623157e308")).isEqualTo(Double.MAX_VALUE);
    assertThat(Numbers.exact("5e-324")).isEqualTo(Double.MIN_VALUE);
    assertThat(Numbers.exact("4e-324")).isNull();
    assertThat(Numbers.exact("0." + "0".repeat(100) + "1e101")).isEqualTo(1L);
  }
}
