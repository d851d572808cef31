package io.vedette.alert.notify.log;

import io.vedette.alert.notify.Delivery;
import io.vedette.alert.notify.Message;
import io.vedette.alert.notify.Notice;
import io.vedette.alert.notify.Sender;
import io.vedette.alert.notify.Wording;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line per notification, for whoever has set up nothing else. */
public final class LogSender implements Sender {
  private static final Logger LOG = LoggerFactory.getLogger("io.vedette.alert.notification");

  @Override
  public Future<Delivery> send(Message message) {
    Notice notice = message.notice();
    LOG.info(
        "{} receiver={} reason={} id={}",
        oneLine(Wording.title(notice)),
        notice.group().receiver(),
        notice.reason().text(),
        message.id());
    return Future.succeededFuture(new Delivery.Sent("logged", ""));
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }

  /** Labels come from outside: none may look like another line. */
  private static String oneLine(String text) {
    return Wording.cut(text.replaceAll("[\\p{Cntrl}]+", " "), 300);
  }
}
