package io.vedette.model;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * Which numbers may stay numbers, those whose nearest double has a shortest form of the same value (docs/design/architecture.md, section 5), and that shortest form (RFC 8785, section 3.2.2.3).
 *
 * <p>Two decimals of at most 15 significant digits never share a nearest double (within the normal range), so one of them is the shortest form of its double: the usual case needs no
 * search.
 */
final class Numbers {

  private static final long EXACT = 1L << 53;

  /** Significant digits of the longest shortest form of a double. */
  private static final int MAX_DIGITS = 17;

  private static final int UNIQUE_DIGITS = 15;

  /** Below it doubles lose digits; at 15 digits all above are safe. */
  private static final double NORMAL = 1e-290;

  private Numbers() {}

  /** The shortest form of a finite double, as ECMAScript and RFC 8785 write it. */
  static String shortest(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("number: " + value + " (expected: a finite one)");
    }
    if (value == Math.rint(value) && Math.abs(value) <= EXACT) {
      return Long.toString((long) value);
    }
    return shortestDecimal(value).text();
  }

  private static Decimal shortestDecimal(double value) {
    Decimal printed = Decimal.of(Double.toString(value));
    if (printed != null && printed.digits.length() <= UNIQUE_DIGITS && Math.abs(value) >= NORMAL) {
      return printed;
    }
    BigDecimal exact = new BigDecimal(value);
    for (int digits = Math.abs(value) >= NORMAL ? UNIQUE_DIGITS : 1;
        digits < MAX_DIGITS;
        digits++) {
      BigDecimal down = exact.round(new MathContext(digits, RoundingMode.DOWN));
      BigDecimal up = exact.round(new MathContext(digits, RoundingMode.UP));
      boolean downFits = down.doubleValue() == value;
      boolean upFits = up.doubleValue() == value;
      if (downFits && upFits) {
        return Decimal.ofFinite(exact.round(new MathContext(digits, RoundingMode.HALF_EVEN)));
      }
      if (downFits || upFits) {
        return Decimal.ofFinite(downFits ? down : up);
      }
    }
    return Decimal.ofFinite(exact.round(new MathContext(MAX_DIGITS, RoundingMode.HALF_EVEN)));
  }

  /** The number a JSON (or Java) decimal literal stands for, as Long or Double; null when no double holds it exactly in the sense above. */
  static @Nullable Object exact(String literal) {
    Decimal wanted = Decimal.of(literal);
    if (wanted == null) {
      return null;
    }
    if (wanted.digits.isEmpty()) {
      return 0L;
    }
    double nearest = wanted.toDouble();
    if (Double.isInfinite(nearest) || nearest == 0) {
      return null;
    }
    boolean unique = wanted.digits.length() <= UNIQUE_DIGITS && Math.abs(nearest) >= NORMAL;
    if (!unique && !wanted.equals(shortestDecimal(nearest))) {
      return null;
    }
    if (nearest == Math.rint(nearest) && Math.abs(nearest) <= EXACT) {
      return (long) nearest;
    }
    return nearest;
  }

  static boolean exactLong(long value) {
    return value >= -EXACT && value <= EXACT;
  }

  /** A decimal as sign, significant digits without zeros at either end, and the power of ten of the last digit. Made in linear time from a literal of any length. */
  private record Decimal(boolean negative, String digits, long exponent) {

    /** Null when it has more significant digits, or a larger exponent, than any double. */
    static @Nullable Decimal of(String literal) {
      int length = literal.length();
      boolean negative = literal.charAt(0) == '-';
      int mantissaEnd = length;
      for (int i = 0; i < length; i++) {
        char c = literal.charAt(i);
        if (c == 'e' || c == 'E') {
          mantissaEnd = i;
          break;
        }
      }
      StringBuilder digits = new StringBuilder(MAX_DIGITS);
      long exponent = 0;
      long zeros = 0; // after the last significant digit seen
      boolean fraction = false;
      boolean tooLong = false;
      for (int i = 0; i < mantissaEnd; i++) {
        char c = literal.charAt(i);
        if (c == '.') {
          fraction = true;
        } else if (c >= '0' && c <= '9') {
          if (fraction) {
            exponent--;
          }
          if (c == '0') {
            zeros++;
          } else {
            if (digits.length() == 0) {
              zeros = 0;
            }
            if (digits.length() + zeros >= MAX_DIGITS) {
              tooLong = true;
              break;
            }
            for (; zeros > 0; zeros--) {
              digits.append('0');
            }
            digits.append(c);
          }
        }
      }
      if (tooLong) {
        return null;
      }
      if (digits.length() == 0) {
        return new Decimal(false, "", 0);
      }
      exponent += zeros;
      if (mantissaEnd < length) {
        String power = literal.substring(mantissaEnd + 1);
        int start = power.startsWith("+") || power.startsWith("-") ? 1 : 0;
        while (start < power.length() - 1 && power.charAt(start) == '0') {
          start++;
        }
        if (power.length() - start > 12) {
          return null;
        }
        long magnitude = Long.parseLong(power, start, power.length(), 10);
        exponent += power.startsWith("-") ? -magnitude : magnitude;
      }
      return new Decimal(negative, digits.toString(), exponent);
    }

    static Decimal ofFinite(BigDecimal value) {
      BigDecimal stripped = value.stripTrailingZeros();
      return new Decimal(
          stripped.signum() < 0, stripped.unscaledValue().abs().toString(), -stripped.scale());
    }

    /** ECMAScript's Number::toString: plain from 1e-6 to 1e21, else with an exponent. */
    String text() {
      int count = digits.length();
      int point = (int) exponent + count; // digits before the decimal point
      StringBuilder text = new StringBuilder(28);
      if (negative) {
        text.append('-');
      }
      if (point > 21 || point <= -6) {
        text.append(digits.charAt(0));
        if (count > 1) {
          text.append('.').append(digits, 1, count);
        }
        text.append('e').append(point > 0 ? "+" : "").append(point - 1);
      } else if (point <= 0) {
        text.append("0.").append("0".repeat(-point)).append(digits);
      } else if (point >= count) {
        text.append(digits).append("0".repeat(point - count));
      } else {
        text.append(digits, 0, point).append('.').append(digits, point, count);
      }
      return text.toString();
    }

    double toDouble() {
      if (exponent > 400) {
        return Double.POSITIVE_INFINITY;
      }
      if (exponent < -400) {
        return 0;
      }
      return Double.parseDouble((negative ? "-" : "") + digits + "e" + exponent);
    }
  }
}
