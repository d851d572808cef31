package io.vedette.alert.notify;

import io.vertx.core.Vertx;
import java.util.function.Function;

/**
 * An integration as configured.
 *
 * @param id kind and place in the receiver, for example {@code webhook/0}
 * @param perMinute most messages a minute; more wait in the outbox
 * @param inFlight most messages being sent at once
 */
public record Integration(
    String id, boolean sendResolved, int perMinute, int inFlight, Function<Vertx, Sender> opener) {
  public String kind() {
    return id.substring(0, id.indexOf('/'));
  }
}
