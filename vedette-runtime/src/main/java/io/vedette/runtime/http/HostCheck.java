package io.vedette.runtime.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests that name another host (421). Over loopback that is what a page does whose name was rebound to 127.0.0.1; elsewhere it is checked only when {@code http.hosts} is set. Health is
 * exempt: probes call by address.
 */
final class HostCheck implements Handler<RoutingContext> {
  private final List<String> hosts;

  HostCheck(List<String> hosts) {
    this.hosts = hosts.stream().map(HostCheck::hostOf).toList();
  }

  @Override
  public void handle(RoutingContext ctx) {
    if (isHealth(ctx) || admits(ctx.request())) {
      ctx.next();
      return;
    }
    HostAndPort authority = ctx.request().authority();
    Problem.send(
        ctx,
        421,
        "wrong-host",
        "Host not served here",
        "Host: " + (authority == null ? "none" : authority.host())
            + " (expected: localhost, a loopback address or an entry of http.hosts)");
  }

  /** As routed: what climbs out of there is not health. */
  private static boolean isHealth(RoutingContext ctx) {
    return ctx.normalizedPath().startsWith("/health/");
  }

  private boolean admits(HttpServerRequest request) {
    boolean loopback = Requests.isOverLoopback(request);
    if (!loopback && hosts.isEmpty()) {
      return true;
    }
    HostAndPort authority = request.authority();
    return authority != null && admits(authority.host(), loopback);
  }

  boolean admits(@Nullable String host, boolean loopback) {
    if (host == null || host.isEmpty()) {
      return false;
    }
    String name = normal(host);
    if (loopback
        && (name.equals("localhost")
            || name.endsWith(".localhost")
            || Requests.isLoopbackLiteral(name))) {
      return true;
    }
    return hosts.stream()
        .anyMatch(listed -> listed.startsWith("*.")
            ? name.endsWith(listed.substring(1)) && name.length() > listed.length() - 1
            : name.equals(listed));
  }

  private static String hostOf(String listed) {
    HostAndPort parsed = HostAndPort.parseAuthority(listed, -1);
    return normal(parsed == null ? listed : parsed.host());
  }

  private static String normal(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
