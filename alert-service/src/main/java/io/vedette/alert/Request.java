package io.vedette.alert;

import io.vedette.alert.notify.AlertBook;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;

/** Something a person asked for: done within a step, answered when the step is committed. */
record Request(Deed deed, Promise<JsonObject> answer) {
  /** Changes the book and answers, or throws {@link Refusal}. */
  @FunctionalInterface
  interface Deed {
    JsonObject on(AlertBook book, long nowUs);
  }

  /** A request that cannot be done, with an HTTP-like code. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int code;

    Refusal(int code, String message) {
      super(message, null, false, false);
      this.code = code;
    }

    int code() {
      return code;
    }
  }
}
