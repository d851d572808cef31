package io.vedette.standalone.cli.trail;

import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a trail is read from outside.
 *
 * @param log what {@code /checkpoint} and {@code /tile/} come after
 * @param base what {@code /api/} comes after: a proxy may serve an instance below a path of its own
 * @param trail whose records those of the API are to be
 */
record RemoteAddress(URI log, String base, int trail) {
  private static final Pattern OF_TRAIL = Pattern.compile("(.*)/trails/([1-9][0-9]{0,8})");

  /** Of {@code http://host:8080} or {@code http://host:8080/trails/1}. */
  static RemoteAddress of(String url) {
    String bare = url.replaceAll("/+$", "");
    URI log = URI.create(bare);
    if (log.getHost() == null
        || !("http".equals(log.getScheme()) || "https".equals(log.getScheme()))) {
      throw new IllegalArgumentException(url + " (expected: http://host:port or .../trails/1)");
    }
    Matcher ofTrail = OF_TRAIL.matcher(bare);
    return ofTrail.matches()
        ? new RemoteAddress(log, ofTrail.group(1), Integer.parseInt(ofTrail.group(2)))
        : new RemoteAddress(log, bare, 1);
  }

  URI records(long first, int count) {
    return URI.create(base + "/api/v1/records/canonical?trail=" + trail + "&from=" + first + "&to="
        + (first + count));
  }
}
