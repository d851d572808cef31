package io.vedette.edge.trail;

import io.vedette.edge.hub.Actions;
import io.vedette.edge.hub.Lane;
import io.vedette.edge.hub.Session;
import io.vedette.model.Outcome;
import io.vedette.store.audit.Act;
import io.vedette.store.audit.Audit;
import io.vedette.store.audit.HttpActs;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Optional;

/**
 * Turns what comes through the edge's doors into acts: reads of the API, refusals, logins, subscriptions, each at its start and at its end. Changes that were made are recorded by the service that made them, in the same transaction, and
 * not here. Health, metrics, tiles and static files are no acts.
 */
final class Watched implements Lane.Watch {
  private final Audit audit;

  Watched(Audit audit) {
    this.audit = audit;
  }

  void mount(Router router) {
    router.route("/api/*").handler(ctx -> HttpActs.watch(ctx, audit, Watched::answered));
  }

  private static Optional<Act> answered(RoutingContext ctx) {
    String path = ctx.normalizedPath();
    boolean isRead = HttpActs.isRead(ctx);
    boolean isSession = path.equals("/api/v1/session");
    if (path.equals("/api/v1/openapi.json") || (isSession && isRead)) {
      return Optional.empty();
    }
    boolean isLogin = isSession && ctx.request().method().equals(HttpMethod.POST);
    if (!isRead && !isLogin && ctx.response().getStatusCode() < 400) {
      return Optional.empty();
    }
    String action = isLogin ? "session.open" : isRead ? "api.read" : "api.change";
    return Optional.of(HttpActs.of(ctx, action, "/api"));
  }

  Actions actions(Actions inner) {
    return (principal, address, body) -> inner
        .request(principal, address, body)
        .whenComplete((answer, failure) -> {
          if (!(answer instanceof Actions.Answer.Reply)) {
            boolean denied = answer instanceof Actions.Answer.Denied;
            audit.read(new Act(
                principal.name(),
                "bus.request",
                HttpActs.clip(address),
                denied ? Outcome.DENIED : Outcome.FAILURE,
                "",
                Map.of()));
          }
        });
  }

  @Override
  public void subscribed(Session session, String topic) {
    audit.record(subscription(session, "topic.subscribe", topic));
  }

  @Override
  public void unsubscribed(Session session, String topic) {
    audit.record(subscription(session, "topic.unsubscribe", topic));
  }

  @Override
  public void denied(Session session, String topic) {
    audit.read(new Act(
        session.principal().name(),
        "topic.subscribe",
        HttpActs.clip(topic),
        Outcome.DENIED,
        "",
        Map.of()));
  }

  private static Act subscription(Session session, String action, String topic) {
    return new Act(
        session.principal().name(),
        action,
        topic,
        Outcome.SUCCESS,
        "",
        Map.of("session", session.id()));
  }
}
