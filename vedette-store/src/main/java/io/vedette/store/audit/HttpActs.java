package io.vedette.store.audit;

import io.vedette.model.Outcome;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Principal;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What came through an HTTP door, as an act. */
public final class HttpActs {
  public static final String ANONYMOUS = "anonymous";

  /** Too many at once, and nothing available: what was asked for did not happen, and nobody was refused it. */
  private static final int TOO_MANY = 429;

  private static final int MAX_TEXT = 300;

  private HttpActs() {}

  public static boolean isRead(RoutingContext ctx) {
    HttpMethod method = ctx.request().method();
    return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
  }

  /** Whether the caller was refused: of a change that was made its maker writes the record. */
  public static boolean isRefused(RoutingContext ctx) {
    int status = ctx.response().getStatusCode();
    return status >= 400 && status < 500 && status != TOO_MANY;
  }

  /** Records what a door answers, when it has: the acts that {@code which} names, coalesced. Goes before the routes it watches. */
  public static void watch(
      RoutingContext ctx, Audit audit, Function<RoutingContext, Optional<Act>> which) {
    ctx.addEndHandler(done -> which.apply(ctx).ifPresent(audit::read));
    ctx.next();
  }

  /**
   * The answered request as an act.
   *
   * @param anonymousTarget for whoever has no token: they choose the path, so all of theirs are one
   */
  public static Act of(RoutingContext ctx, String action, String anonymousTarget) {
    int status = ctx.response().getStatusCode();
    String actor = Access.known(ctx).map(Principal::name).orElse(ANONYMOUS);
    boolean anonymous = actor.equals(ANONYMOUS);
    Map<String, String> details = new HashMap<>();
    details.put("status", Integer.toString(status));
    String query = ctx.request().query();
    if (query != null && !anonymous) {
      details.put("query", clip(query));
    }
    SocketAddress remote = ctx.request().remoteAddress();
    String origin = remote == null || remote.hostAddress() == null ? "" : remote.hostAddress();
    return new Act(
        actor,
        action,
        anonymous ? anonymousTarget : clip(ctx.normalizedPath()),
        outcome(status),
        origin,
        details);
  }

  private static Outcome outcome(int status) {
    return status < 400
        ? Outcome.SUCCESS
        : status == 401 || status == 403 ? Outcome.DENIED : Outcome.FAILURE;
  }

  public static String clip(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "...";
  }
}
