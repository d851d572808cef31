package io.vedette.alert.notify.mail;

import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.notify.Message;
import io.vedette.alert.notify.Notice;
import io.vedette.alert.notify.Wording;
import io.vedette.alert.wire.Times;
import java.util.Locale;
import java.util.Map;

/** The two bodies of an e-mail. Whatever comes from outside is escaped in the HTML one. */
final class MailText {
  private MailText() {}

  static String plain(Message message, String externalUrl) {
    Notice notice = message.notice();
    StringBuilder text = new StringBuilder(Wording.title(notice)).append("\n\n");
    if (!message.duplicate().isEmpty()) {
      text.append("This may be a second copy: ").append(message.duplicate()).append("\n\n");
    }
    for (Alert alert : notice.alerts()) {
      text.append(alert.state().text().toUpperCase(Locale.ROOT))
          .append("  ")
          .append(Wording.summary(alert))
          .append('\n');
      text.append("  since ").append(Times.text(alert.startsUs()));
      if (alert.endsUs() != 0) {
        text.append(" until ").append(Times.text(alert.endsUs()));
      }
      text.append('\n');
      String measured = Wording.measured(alert);
      if (!measured.isEmpty()) {
        text.append("  ").append(measured).append('\n');
      }
      text.append("  ").append(Wording.labels(alert.labels())).append('\n');
      for (Map.Entry<String, String> note : alert.annotations().entrySet()) {
        text.append("  ")
            .append(note.getKey())
            .append(": ")
            .append(note.getValue())
            .append('\n');
      }
      text.append('\n');
    }
    if (notice.truncated() > 0) {
      text.append("and ").append(notice.truncated()).append(" more\n\n");
    }
    text.append("receiver ")
        .append(notice.group().receiver())
        .append(", ")
        .append(notice.reason().text().replace('_', ' '))
        .append('\n');
    if (!externalUrl.isEmpty()) {
      text.append(externalUrl).append('\n');
    }
    return text.toString();
  }

  static String html(Message message, String externalUrl) {
    Notice notice = message.notice();
    StringBuilder html =
        new StringBuilder("<!DOCTYPE html><html><body style=\"font-family:sans-serif\"><h2>");
    html.append(escape(Wording.title(notice))).append("</h2>");
    if (!message.duplicate().isEmpty()) {
      html.append("<p><em>This may be a second copy: ")
          .append(escape(message.duplicate()))
          .append("</em></p>");
    }
    for (Alert alert : notice.alerts()) {
      String colour = alert.active() ? "#b00020" : "#1b7f3b";
      html.append("<div style=\"border-left:4px solid ")
          .append(colour)
          .append(";padding:4px 12px;margin:12px 0\"><strong>");
      html.append(escape(alert.state().text()))
          .append("</strong> ")
          .append(escape(Wording.summary(alert)));
      html.append("<br>since ").append(Times.text(alert.startsUs()));
      if (alert.endsUs() != 0) {
        html.append(" until ").append(Times.text(alert.endsUs()));
      }
      String measured = Wording.measured(alert);
      if (!measured.isEmpty()) {
        html.append("<br>").append(escape(measured));
      }
      html.append("<br><small>").append(escape(Wording.labels(alert.labels()))).append("</small>");
      alert
          .annotations()
          .forEach((name, value) ->
              html.append("<br>").append(escape(name)).append(": ").append(escape(value)));
      html.append("</div>");
    }
    if (notice.truncated() > 0) {
      html.append("<p>and ").append(notice.truncated()).append(" more</p>");
    }
    html.append("<p><small>receiver ")
        .append(escape(notice.group().receiver()))
        .append(", ")
        .append(notice.reason().text().replace('_', ' '));
    if (!externalUrl.isEmpty()) {
      html.append(" · <a href=\"").append(escape(externalUrl)).append("\">open</a>");
    }
    return html.append("</small></p></body></html>").toString();
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
