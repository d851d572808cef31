package io.vedette.edge.api;

import io.vedette.edge.filter.BadWish;
import io.vedette.edge.filter.Selector;
import io.vertx.ext.web.RoutingContext;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What stands in a request's query; what is wrong there is a {@link BadParameter}. Pure functions. */
final class Parameters {
  private static final int MAX_LIMIT = 1_000;
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_FIELDS = 20;

  private Parameters() {}

  static int limit(RoutingContext ctx) {
    Long limit = number(ctx, "limit");
    if (limit == null) {
      return DEFAULT_LIMIT;
    }
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new BadParameter("limit: " + limit + " (expected: 1 to " + MAX_LIMIT + ")");
    }
    return limit.intValue();
  }

  static @Nullable Long number(RoutingContext ctx, String name) {
    String text = ctx.request().getParam(name);
    if (text == null) {
      return null;
    }
    try {
      long number = Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // Said below, with what was found.
    }
    throw new BadParameter(name + ": " + text + " (expected: a whole number from 0)");
  }

  /** RFC 3339, or milliseconds since the epoch. */
  static @Nullable Long time(RoutingContext ctx, String name) {
    String text = ctx.request().getParam(name);
    if (text == null) {
      return null;
    }
    try {
      if (text.chars().allMatch(Character::isDigit)) {
        return Math.multiplyExact(Long.parseLong(text), 1000L);
      }
      Instant instant = Instant.parse(text);
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
    } catch (DateTimeException | ArithmeticException | NumberFormatException notATime) {
      throw new BadParameter(
          name + ": " + text
              + " (expected: RFC 3339, for example 2026-01-31T12:00:00Z, or milliseconds since the epoch)");
    }
  }

  /** Names with commas between them; empty where none are asked for. */
  static List<String> names(RoutingContext ctx, String name) {
    String text = ctx.request().getParam(name);
    if (text == null) {
      return List.of();
    }
    List<String> names = List.of(text.split(",", -1));
    if (names.size() > MAX_FIELDS || names.stream().anyMatch(String::isBlank)) {
      throw new BadParameter(name + ": " + text + " (expected: 1 to " + MAX_FIELDS
          + " names with commas between them)");
    }
    return names;
  }

  /** Which series, as Prometheus writes it; null for all. */
  static @Nullable Selector selector(RoutingContext ctx) {
    String text = ctx.request().getParam("selector");
    if (text == null) {
      return null;
    }
    try {
      return Selector.of(text);
    } catch (BadWish bad) {
      throw new BadParameter(String.valueOf(bad.getMessage()).replaceFirst("^headers\\.", ""));
    }
  }
}
