package io.vedette.runtime.http;

import io.vedette.runtime.RuntimeConfig;
import io.vedette.runtime.config.Config;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Which web pages may use the doors: those of this server, and those listed in {@code http.origins}. */
public final class Origins {
  /** Where a request's page comes from, as its browser says. */
  public enum Origin {
    /** No browser's page, or one that need not say. */
    ABSENT,
    OWN,
    LISTED,
    FOREIGN
  }

  private final Set<String> listed;

  private Origins(Set<String> listed) {
    this.listed = listed;
  }

  public static Origins of(Config config) {
    return new Origins(config.get(RuntimeConfig.HTTP_ORIGINS).stream()
        .map(Origins::normal)
        .collect(Collectors.toUnmodifiableSet()));
  }

  public Origin of(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin == null) {
      return Origin.ABSENT;
    }
    String normal = normal(origin);
    if (isOwn(normal, request)) {
      return Origin.OWN;
    }
    return listed.contains(normal) ? Origin.LISTED : Origin.FOREIGN;
  }

  /** Whether the request may use a cookie for changes: its page is ours or listed. A browser always says so; who says nothing is no browser and has a token. */
  public boolean isSame(HttpServerRequest request) {
    return switch (of(request)) {
      case OWN, LISTED -> true;
      case FOREIGN -> false;
      case ABSENT -> "same-origin".equals(request.getHeader("Sec-Fetch-Site"));
    };
  }

  /** Whether a page of another site sends this; for doors that admit senders without a token. */
  public boolean isForeign(HttpServerRequest request) {
    return of(request) == Origin.FOREIGN
        || "cross-site".equals(request.getHeader("Sec-Fetch-Site"));
  }

  private static boolean isOwn(String origin, HttpServerRequest request) {
    String host = request.getHeader(HttpHeaders.HOST);
    if (host == null && request.authority() != null) {
      host = request.authority().toString();
    }
    int scheme = origin.indexOf("://");
    if (host == null || scheme < 0) {
      return false;
    }
    // Behind a proxy that ends TLS we speak http while the page is https: only the other way round
    // is another origin.
    boolean schemeFits = !request.isSSL() || origin.startsWith("https://");
    String authority = origin.substring(scheme + 3);
    String own = host.toLowerCase(Locale.ROOT);
    String ownWithoutPort =
        origin.startsWith("https://") ? without(own, ":443") : without(own, ":80");
    return schemeFits && authority.equals(ownWithoutPort);
  }

  private static String normal(String origin) {
    String lower = origin.strip().toLowerCase(Locale.ROOT);
    if (lower.startsWith("https://")) {
      return without(lower, ":443");
    }
    return lower.startsWith("http://") ? without(lower, ":80") : lower;
  }

  private static String without(String text, String suffix) {
    return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
  }
}
