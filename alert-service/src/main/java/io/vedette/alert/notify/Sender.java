package io.vedette.alert.notify;

import io.vertx.core.Future;

/** Sends to one integration of a receiver. */
public interface Sender {
  /** Bounded in time. Trouble is a {@link Delivery}; a failed future is a defect. */
  Future<Delivery> send(Message message);

  /** Gives back what it holds. */
  Future<Void> close();
}
