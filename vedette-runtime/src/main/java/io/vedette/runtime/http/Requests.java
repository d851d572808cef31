package io.vedette.runtime.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a request says about where it comes from. */
public final class Requests {
  private static final List<String> FORWARDED =
      List.of("Forwarded", "X-Forwarded-For", "X-Real-IP");
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

  private Requests() {}

  /** Whether the connection comes from this machine, be it through a proxy on it. */
  public static boolean isOverLoopback(HttpServerRequest request) {
    SocketAddress remote = request.remoteAddress();
    return remote != null && (remote.path() != null || isLoopbackLiteral(remote.hostAddress()));
  }

  /** Whether the sender itself is on this machine: over loopback, and no proxy says that it speaks for another. */
  public static boolean isDirectLoopback(HttpServerRequest request) {
    return isOverLoopback(request) && FORWARDED.stream().noneMatch(request.headers()::contains);
  }

  public static boolean isWebSocketUpgrade(HttpServerRequest request) {
    String upgrade = request.getHeader(HttpHeaders.UPGRADE);
    return upgrade != null && upgrade.toLowerCase(Locale.ROOT).contains("websocket");
  }

  /** Whether a text is a loopback address; names, also localhost, are none. Looks nothing up. */
  public static boolean isLoopbackLiteral(@Nullable String host) {
    if (host == null || host.isEmpty()) {
      return false;
    }
    String address =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    int zone = address.indexOf('%');
    address = zone < 0 ? address : address.substring(0, zone);
    if (!address.contains(":") && !IPV4.matcher(address).matches()) {
      return false;
    }
    try {
      return InetAddress.getByName(address).isLoopbackAddress(); // a literal: nothing is asked
    } catch (UnknownHostException noAddress) {
      return false;
    }
  }
}
