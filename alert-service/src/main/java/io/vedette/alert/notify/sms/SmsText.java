package io.vedette.alert.notify.sms;

import io.vedette.alert.notify.Message;
import io.vedette.alert.notify.Notice;
import io.vedette.alert.notify.Wording;

/** What fits a text message. */
final class SmsText {
  /** Three segments of 153 GSM characters; providers bill by segment. */
  static final int MAX_CHARS = 459;

  private SmsText() {}

  static String of(Message message) {
    Notice notice = message.notice();
    StringBuilder text = new StringBuilder();
    if (!message.duplicate().isEmpty()) {
      text.append("(maybe sent before) ");
    }
    text.append(Wording.title(notice));
    if (!notice.alerts().isEmpty()) {
      text.append(": ").append(Wording.summary(notice.alerts().get(0)));
      int more = notice.alerts().size() + notice.truncated() - 1;
      if (more > 0) {
        text.append(" and ").append(more).append(" more");
      }
    }
    return Wording.cut(text.toString(), MAX_CHARS);
  }
}
