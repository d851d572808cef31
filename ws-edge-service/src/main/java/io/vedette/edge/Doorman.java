package io.vedette.edge;

import io.vedette.edge.protocol.CloseCode;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.auth.Verdict;
import io.vedette.runtime.http.Origins;
import io.vedette.runtime.http.Problem;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may come in, asked alike at every door: whether the page is ours, whether there is room, whose token it is. One per event loop; keeps nothing. */
final class Doorman {
  private static final String BEARER = "bearer.";
  private static final long MAX_QUERY_TOKEN_US = Duration.ofHours(24).toMillis() * 1000;

  /** The verdict, and the token it was about for later checks. */
  record Presented(Verdict verdict, @Nullable String token) {}

  private final SocketDoor.Shared shared;

  Doorman(SocketDoor.Shared shared) {
    this.shared = shared;
  }

  /** Whether the page that asks is ours or listed; else the request is answered. */
  boolean knowsOrigin(RoutingContext ctx) {
    if (shared.access().origins().of(ctx.request()) != Origins.Origin.FOREIGN) {
      return true;
    }
    shared.metrics().turnedAway("origin");
    Problem.send(
        ctx,
        403,
        "foreign-origin",
        "Foreign origin",
        new Verdict.ForeignOrigin("foreign").advice());
    return false;
  }

  /** Whether this edge takes new sessions; else the request is answered. */
  boolean isOpen(RoutingContext ctx) {
    if (!isLeaving()) {
      return true;
    }
    shared.metrics().turnedAway("draining");
    ctx.response().putHeader("Retry-After", "1");
    Problem.send(ctx, 503, "draining", "Going away", "this edge is stopping; connect to another");
    return false;
  }

  boolean isLeaving() {
    return shared.health().isDraining();
  }

  /** How a session ends that was not granted. */
  static CloseCode refusal(Verdict verdict) {
    return verdict instanceof Verdict.NotAllowed
        ? CloseCode.FORBIDDEN
        : verdict instanceof Verdict.Unavailable ? CloseCode.GOING_AWAY : CloseCode.UNAUTHORIZED;
  }

  /** Whether one more session would be one too many. */
  boolean isFull() {
    return shared.metrics().sessions() >= shared.limits().sessions();
  }

  /** Subprotocol, then query, then header or cookie. */
  Future<Presented> identify(HttpServerRequest request) {
    String protocols = request.getHeader("Sec-WebSocket-Protocol");
    if (protocols != null && request.getHeader("Authorization") == null) {
      for (String protocol : protocols.split(",", -1)) {
        if (protocol.strip().startsWith(BEARER)) {
          return check(protocol.strip().substring(BEARER.length()), false);
        }
      }
    }
    String inQuery = request.getParam("access_token");
    if (inQuery != null) {
      return check(inQuery, true);
    }
    String token = token(request);
    return shared
        .access()
        .authenticate(request)
        .map(verdict -> verdict instanceof Verdict.Missing && shared.anonymousViewer()
            ? new Presented(new Verdict.Granted(anonymous()), null)
            : new Presented(verdict, token));
  }

  private static @Nullable String token(HttpServerRequest request) {
    String authorization = request.getHeader("Authorization");
    if (authorization != null) {
      return authorization.length() > 7 ? authorization.substring(7).strip() : null;
    }
    return request.getCookie(Access.COOKIE) == null
        ? null
        : request.getCookie(Access.COOKIE).getValue();
  }

  private Future<Presented> check(String token, boolean inQuery) {
    return shared
        .access()
        .authenticate(token)
        .map(verdict -> new Presented(inQuery ? fitForQuery(verdict) : verdict, token));
  }

  /** A query ends up in histories and logs of others: only what is weak and short-lived may stand there. */
  private static Verdict fitForQuery(Verdict verdict) {
    if (!(verdict instanceof Verdict.Granted granted)) {
      return verdict;
    }
    Principal principal = granted.principal();
    if (!principal.roles().equals(Set.of(Role.VIEWER))) {
      return new Verdict.Bad("only viewer tokens may stand in a query; send others as header");
    }
    return principal.expiresUs() - VertxLoop.nowMicros() > MAX_QUERY_TOKEN_US
        ? new Verdict.Bad("in a query a token may live 24 h at most: token create --ttl 24h")
        : granted;
  }

  private static Principal anonymous() {
    return new Principal("anonymous", Set.of(Role.VIEWER), Set.of(1), Principal.NEVER, "anonymous");
  }
}
