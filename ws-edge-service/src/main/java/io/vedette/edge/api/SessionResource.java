package io.vedette.edge.api;

import io.vedette.edge.protocol.Bodies;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Verdict;
import io.vedette.runtime.http.Problem;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** The browser's session: a token in a cookie that no script can read. */
final class SessionResource {
  private final Access access;

  SessionResource(Access access) {
    this.access = access;
  }

  /** Exchanges a token for a cookie that no script can read. */
  void login(RoutingContext ctx) {
    JsonObject body = Answers.body(ctx);
    if (body == null) {
      return;
    }
    if (!(body.getValue("token") instanceof String token)) {
      Problem.send(ctx, 400, "bad-body", "Bad body", "expected: {\"token\": \"...\"}");
      return;
    }
    access
        .authenticate(token)
        .onSuccess(verdict -> {
          if (verdict instanceof Verdict.Granted granted) {
            Access.setPrincipal(ctx, granted.principal());
            ctx.response()
                .addCookie(
                    access.cookie(token, granted.principal(), ctx.request().isSSL()));
            Answers.send(ctx, identity(granted.principal()).toBuffer());
          } else {
            Access.refuse(ctx, verdict);
          }
        })
        .onFailure(ctx::fail);
  }

  void session(RoutingContext ctx) {
    Answers.send(ctx, identity(Access.principal(ctx)).toBuffer());
  }

  private static JsonObject identity(Principal principal) {
    JsonArray roles = new JsonArray();
    principal.roles().stream().sorted().forEach(role -> roles.add(role.text()));
    JsonObject identity = new JsonObject().put("name", principal.name()).put("roles", roles);
    return principal.expiresUs() == Principal.NEVER
        ? identity
        : identity.put("expiresAt", Bodies.time(principal.expiresUs()));
  }

  void logout(RoutingContext ctx) {
    ctx.response().removeCookie(Access.COOKIE);
    io.vertx.core.http.Cookie gone = io.vertx.core.http.Cookie.cookie(Access.COOKIE, "")
        .setPath("/")
        .setHttpOnly(true)
        .setSameSite(io.vertx.core.http.CookieSameSite.STRICT)
        .setMaxAge(0);
    ctx.response().addCookie(gone).setStatusCode(204).end();
  }
}
