package io.vedette.alert;

import io.vedette.alert.lifecycle.Lifecycle.Acknowledgement;
import io.vedette.alert.mute.NewSilence;
import io.vedette.alert.wire.AlertJson;
import io.vedette.alert.wire.SilenceJson;
import io.vertx.core.json.JsonObject;

/** What people can ask for, from the body of their request to what it does. */
final class Deeds {
  /** More silences than this at a time make every alert slow to judge. */
  static final int MAX_SILENCES = 10_000;

  private Deeds() {}

  /** Body {@code {"fingerprint"}}; answers the alert. */
  static Request.Deed acknowledge(JsonObject body, String principal) {
    String fingerprint = text(body, "fingerprint");
    return (book, nowUs) -> {
      Acknowledgement answer = book.acknowledge(fingerprint, principal, nowUs);
      if (answer instanceof Acknowledgement.Done done) {
        return AlertJson.encode(done.change().alert());
      }
      if (answer instanceof Acknowledgement.Already already) {
        return AlertJson.encode(already.alert());
      }
      if (answer instanceof Acknowledgement.Over) {
        throw new Request.Refusal(
            409, "alert " + fingerprint + " has resolved (expected: a firing alert)");
      }
      throw new Request.Refusal(
          404, "fingerprint: " + fingerprint + " (expected: that of a firing alert)");
    };
  }

  /** Body: a silence in Alertmanager's form; answers {@code {"silenceID"}}. */
  static Request.Deed silence(JsonObject body, String principal) {
    return (book, nowUs) -> {
      NewSilence wanted;
      try {
        wanted = SilenceJson.parse(body, principal, nowUs);
      } catch (IllegalArgumentException e) {
        throw new Request.Refusal(400, String.valueOf(e.getMessage()));
      }
      if (!wanted.id().isEmpty() && book.silences().get(wanted.id()) == null) {
        throw new Request.Refusal(
            404,
            "id: " + wanted.id() + " (expected: that of a silence that has not expired, or none)");
      }
      if (book.silences().size() >= MAX_SILENCES) {
        throw new Request.Refusal(
            409,
            book.silences().size() + " silences (expected: fewer than " + MAX_SILENCES
                + "; expire some)");
      }
      return new JsonObject()
          .put("silenceID", book.silence(wanted, principal, nowUs).id());
    };
  }

  /** Body {@code {"silenceID"}}; answers the same. */
  static Request.Deed expire(JsonObject body, String principal) {
    String id = text(body, body.containsKey("silenceID") ? "silenceID" : "id");
    return (book, nowUs) -> book.expireSilence(id, principal, nowUs)
        .map(silence -> new JsonObject().put("silenceID", silence.id()))
        .orElseThrow(() -> new Request.Refusal(
            404, "silence " + id + " (expected: the id of a silence that has not expired)"));
  }

  private static String text(JsonObject body, String field) {
    Object value = body.getValue(field);
    if (value instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw new Request.Refusal(400, field + ": " + value + " (expected: a text that is not empty)");
  }
}
