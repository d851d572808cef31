package io.vedette.alert.notify;

import io.vedette.alert.lifecycle.Alert;
import io.vedette.model.Evidence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** The words of messages for people, where no template says otherwise. */
public final class Wording {
  private Wording() {}

  /** For example {@code [FIRING:2] DiskNearlyFull (host=a)}. */
  public static String title(Notice notice) {
    StringBuilder title = new StringBuilder("[").append(notice.status().toUpperCase(Locale.ROOT));
    if (notice.firing() > 0) {
      title.append(':').append(notice.firing());
    }
    title.append("] ");
    StringJoiner names = new StringJoiner(", ");
    notice.alerts().stream()
        .map(Alert::name)
        .filter(name -> !name.isEmpty())
        .distinct()
        .limit(3)
        .forEach(names::add);
    title.append(names.length() == 0 ? notice.group().key() : names.toString());
    StringJoiner labels = new StringJoiner(" ", " (", ")");
    labels.setEmptyValue("");
    notice.commonLabels().forEach((name, value) -> {
      if (!name.equals("alertname")) {
        labels.add(name + "=" + value);
      }
    });
    return title.append(labels).toString();
  }

  /** What the alert says of itself: its summary, else its description, else its name. */
  public static String summary(Alert alert) {
    for (String annotation : List.of("summary", "description", "message")) {
      String text = alert.annotations().getOrDefault(annotation, "");
      if (!text.isEmpty()) {
        return text;
      }
    }
    return alert.name().isEmpty() ? alert.labels().toString() : alert.name();
  }

  /** What was measured, for example {@code 12 > 5, 12 in the window, records 100 to 140}; empty for an alert without evidence. */
  public static String measured(Alert alert) {
    Evidence evidence = alert.cause().evidence();
    if (evidence == null) {
      return "";
    }
    List<String> parts = new ArrayList<>();
    if (Double.isFinite(evidence.value())) {
      parts.add(number(evidence.value()) + " " + evidence.comparison() + " "
          + number(evidence.threshold()));
    } else {
      parts.add(evidence.comparison());
    }
    parts.add(evidence.count() + " in the window");
    if (evidence.firstIndex() >= 0) {
      parts.add(
          evidence.firstIndex() == evidence.lastIndex()
              ? "record " + evidence.firstIndex()
              : "records " + evidence.firstIndex() + " to " + evidence.lastIndex());
    }
    return String.join(", ", parts);
  }

  public static String labels(Map<String, String> labels) {
    StringJoiner text = new StringJoiner(", ");
    labels.forEach((name, value) -> text.add(name + "=" + value));
    return text.toString();
  }

  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  /** Cut to so many characters, never through the middle of one that takes two. */
  public static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = most - 1;
    if (Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end) + "…";
  }
}
