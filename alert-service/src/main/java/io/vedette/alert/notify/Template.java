package io.vedette.alert.notify;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * The part of Alertmanager's templates that needs no programming: fields between double braces, {@code {{ .Status }}}, {@code {{ .GroupLabels.alertname }}}, with {@code | toUpper}, {@code |
 * toLower} or {@code | title}. Anything else is refused when the configuration is read.
 */
public final class Template {
  private static final Set<String> MAPS =
      Set.of("GroupLabels", "CommonLabels", "CommonAnnotations");
  private static final String ALLOWED =
      ".Status, .Receiver, .Reason, .ExternalURL, .Firing, .Resolved, .GroupLabels.NAME, .CommonLabels.NAME or .CommonAnnotations.NAME, then | toUpper, | toLower or | title";

  private final List<Function<View, String>> parts;

  private Template(List<Function<View, String>> parts) {
    this.parts = List.copyOf(parts);
  }

  /** Throws IllegalArgumentException that shows what is not supported. */
  public static Template parse(String text) {
    List<Function<View, String>> parts = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int open = text.indexOf("{{", at);
      if (open < 0) {
        open = text.length();
      }
      if (open > at) {
        String literal = text.substring(at, open);
        parts.add(view -> literal);
      }
      if (open == text.length()) {
        break;
      }
      int close = text.indexOf("}}", open);
      if (close < 0) {
        throw new IllegalArgumentException(
            "template: " + text.substring(open) + " (expected: a closing }})");
      }
      parts.add(expression(text.substring(open + 2, close)));
      at = close + 2;
    }
    return new Template(parts);
  }

  public String render(Notice notice, String externalUrl) {
    View view = new View(notice, externalUrl);
    StringBuilder text = new StringBuilder();
    for (Function<View, String> part : parts) {
      text.append(part.apply(view));
    }
    return text.toString();
  }

  private static Function<View, String> expression(String text) {
    String[] pipe = text.split("\\|", -1);
    Function<View, String> value = field(pipe[0].strip(), text);
    for (int i = 1; i < pipe.length; i++) {
      value = value.andThen(filter(pipe[i].strip(), text));
    }
    return value;
  }

  private static Function<View, String> field(String field, String text) {
    String[] steps = field.split("\\.", -1);
    if (steps.length == 3 && steps[0].isEmpty() && MAPS.contains(steps[1]) && !steps[2].isEmpty()) {
      String name = steps[2];
      return switch (steps[1]) {
        case "GroupLabels" -> view -> view.notice.group().labels().getOrDefault(name, "");
        case "CommonLabels" -> view -> view.notice.commonLabels().getOrDefault(name, "");
        default -> view -> view.notice.commonAnnotations().getOrDefault(name, "");
      };
    }
    return switch (field) {
      case ".Status" -> view -> view.notice.status();
      case ".Receiver" -> view -> view.notice.group().receiver();
      case ".Reason" -> view -> view.notice.reason().text();
      case ".ExternalURL" -> view -> view.externalUrl;
      case ".Firing" -> view -> Long.toString(view.notice.firing());
      case ".Resolved" -> view -> Long.toString(view.notice.resolved());
      default -> throw unsupported(text);
    };
  }

  private static Function<String, String> filter(String name, String text) {
    return switch (name) {
      case "toUpper" -> value -> value.toUpperCase(Locale.ROOT);
      case "toLower" -> value -> value.toLowerCase(Locale.ROOT);
      case "title" ->
        value -> value.isEmpty()
            ? value
            : value.substring(0, 1).toUpperCase(Locale.ROOT) + value.substring(1);
      default -> throw unsupported(text);
    };
  }

  private static IllegalArgumentException unsupported(String text) {
    return new IllegalArgumentException(
        "template: {{" + text + "}} is not supported (expected: " + ALLOWED + ")");
  }

  private record View(Notice notice, String externalUrl) {}
}
