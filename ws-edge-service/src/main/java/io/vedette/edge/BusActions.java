package io.vedette.edge;

import io.vedette.edge.api.Api;
import io.vedette.edge.hub.Actions;
import io.vedette.edge.protocol.ServerFrames;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The actions clients may send to, each with the role it needs and the service's address; a list, not a pattern. The service authorises again. */
final class BusActions implements Actions {
  private record Target(String address, Role role) {}

  private static final Map<String, Target> TARGETS = Map.of(
      "alerts.acknowledge", new Target(Addresses.ALERT_ACKNOWLEDGE, Role.OPERATOR),
      "silences.create", new Target(Addresses.SILENCE_CREATE, Role.OPERATOR),
      "silences.expire", new Target(Addresses.SILENCE_EXPIRE, Role.OPERATOR),
      "rules.apply", new Target(Addresses.RULES_APPLY, Role.ADMIN));

  private final Vertx vertx;

  BusActions(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Every address clients may send to, with the role it needs. */
  static Map<String, Role> required() {
    Map<String, Role> required = new TreeMap<>();
    TARGETS.forEach((address, target) -> required.put(address, target.role()));
    return required;
  }

  @Override
  public CompletionStage<Answer> request(
      Principal principal, String address, byte @Nullable [] body) {
    Target target = TARGETS.get(address);
    if (target == null) {
      return answer(new Answer.Unknown(
          "no such action (expected: alerts.acknowledge, silences.create, silences.expire or"
              + " rules.apply)"));
    }
    if (!principal.allows(target.role())) {
      return answer(new Answer.Denied(address + " needs role " + target.role().text()));
    }
    if (!principal.maySee(Api.TRAIL)) {
      return answer(new Answer.Denied("this token may not see trail " + Api.TRAIL));
    }
    JsonObject request;
    try {
      request = body == null ? new JsonObject() : new JsonObject(Buffer.buffer(body));
    } catch (DecodeException | ClassCastException notAnObject) {
      return answer(new Answer.Failure(400, "RECIPIENT_FAILURE", "body: expected a JSON object"));
    }
    return vertx
        .eventBus()
        .<JsonObject>request(target.address(), request, Api.options(principal))
        .<Answer>map(reply -> new Answer.Reply(
            reply.body() == null
                ? ServerFrames.utf8("{}")
                : reply.body().toBuffer().getBytes()))
        .otherwise(failure -> failure instanceof ReplyException reply
            ? new Answer.Failure(
                reply.failureCode(), reply.failureType().name(), String.valueOf(reply.getMessage()))
            : new Answer.Failure(-1, "ERROR", failure.toString()))
        .toCompletionStage();
  }

  private static CompletionStage<Answer> answer(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }
}
