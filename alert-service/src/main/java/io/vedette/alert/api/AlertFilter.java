package io.vedette.alert.api;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.route.Matcher;
import io.vedette.alert.route.Matchers;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The query of a list: {@code filter}, {@code receiver}, {@code active}, {@code silenced}, {@code inhibited}, {@code unprocessed}. */
record AlertFilter(
    List<Matcher> matchers,
    @Nullable Pattern receiver,
    boolean active,
    boolean silenced,
    boolean inhibited) {

  /** Throws IllegalArgumentException that names the parameter. */
  static AlertFilter of(MultiMap query) {
    return new AlertFilter(
        matchers(query),
        receiver(query),
        flag(query, "active"),
        flag(query, "silenced"),
        flag(query, "inhibited"));
  }

  static List<Matcher> matchers(MultiMap query) {
    List<Matcher> matchers = new ArrayList<>();
    query.getAll("filter").forEach(text -> matchers.addAll(Matchers.parse(text)));
    return matchers;
  }

  boolean shows(Alert alert) {
    boolean bySilence = !alert.silencedBy().isEmpty();
    boolean byAlert = !alert.inhibitedBy().isEmpty();
    boolean state = (!bySilence && !byAlert && active)
        || ((bySilence || byAlert) && !(bySilence && !silenced) && !(byAlert && !inhibited));
    return state
        && Matchers.all(matchers, alert.labels())
        && (receiver == null
            || alert.receivers().stream()
                .anyMatch(name -> receiver.matcher(name).matches()));
  }

  private static @Nullable Pattern receiver(MultiMap query) {
    String text = query.get("receiver");
    if (text == null || text.isEmpty()) {
      return null;
    }
    try {
      return Pattern.compile("^(?:" + text + ")$");
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "receiver: " + text + " (expected: an RE2 regular expression)", e);
    }
  }

  private static boolean flag(MultiMap query, String name) {
    String text = query.get(name);
    if (text == null || text.equals("true")) {
      return true;
    }
    if (text.equals("false")) {
      return false;
    }
    throw new IllegalArgumentException(name + ": " + text + " (expected: true or false)");
  }
}
