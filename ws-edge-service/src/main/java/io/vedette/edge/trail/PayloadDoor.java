package io.vedette.edge.trail;

import io.vedette.edge.trail.TrailStore.Gone;
import io.vedette.edge.trail.TrailStore.Page;
import io.vedette.edge.trail.TrailStore.Payload;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.http.Problem;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Base64;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stored bytes of many records, for whoever verifies them: {@code GET /api/v1/records/canonical?from=&to=&trail=}, a page of lines, each with an index and either its salt and canonical bytes or why they are
 * gone. The header {@link #NEXT} says where to go on. Any thread may call; holds one page per request.
 */
final class PayloadDoor {
  static final String PATH = "/api/v1/records/canonical";
  static final String NEXT = "Vedette-Next";

  private static final Logger log = LoggerFactory.getLogger(PayloadDoor.class);
  private static final int TRAIL = 1;
  private static final int PAGE = 4_096;
  private static final int LINE_BYTES = 80; // without the record

  private final Access access;
  private final TrailStore store;

  PayloadDoor(Access access, TrailStore store) {
    this.access = access;
    this.store = store;
  }

  /** Goes before the API, which takes what stands here for an index. */
  void mount(Router router) {
    router.get(PATH).handler(access.require(Role.VIEWER)).handler(this::answer);
  }

  private void answer(RoutingContext ctx) {
    long from;
    long to;
    int trail;
    try {
      trail = (int) Math.min(Integer.MAX_VALUE, index(ctx, "trail", TRAIL));
      from = index(ctx, "from", 0);
      to = index(ctx, "to", Long.MAX_VALUE);
      if (to < from) {
        throw new IllegalArgumentException(
            "to: " + to + " (expected: from or more; it is the first index not wanted)");
      }
    } catch (IllegalArgumentException refused) {
      Problem.send(
          ctx, 400, "bad-parameter", "Bad parameter", String.valueOf(refused.getMessage()));
      return;
    }
    if (!Access.principal(ctx).maySee(trail)) {
      Problem.send(ctx, 403, "not-allowed", "Not allowed", "this token may not see trail " + trail);
      return;
    }
    store
        .head(trail)
        .compose(head -> {
          long size = head.map(TrailStore.Head::size).orElse(0L);
          long end = Math.min(Math.min(to, size), from > size ? size : from + PAGE);
          return end <= from
              ? Future.succeededFuture(new Page(List.of(), from, List.of()))
              : store.payloads(trail, from, end);
        })
        .onSuccess(page -> ctx.response()
            .putHeader(HttpHeaders.CONTENT_TYPE, "application/x-ndjson")
            .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
            .putHeader(NEXT, Long.toString(page.end()))
            .end(lines(from, page)))
        .onFailure(failure -> {
          log.debug("payloads cannot be read: {}", failure.toString());
          ctx.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
          Problem.send(
              ctx,
              503,
              "store-unavailable",
              "Store does not answer",
              "the database cannot be read now; try again");
        });
  }

  private static long index(RoutingContext ctx, String name, long otherwise) {
    String text = ctx.request().getParam(name);
    if (text == null) {
      return otherwise;
    }
    if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException(
          name + ": " + clip(text) + " (expected: an index, from 0)");
    }
    return Long.parseLong(text);
  }

  private static String clip(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }

  private static Buffer lines(long from, Page page) {
    Base64.Encoder base64 = Base64.getEncoder();
    long bytes = (page.end() - from) * LINE_BYTES;
    for (Payload payload : page.payloads()) {
      bytes += payload.opening().canonical().length * 4L / 3 + 4;
    }
    Buffer lines = Buffer.buffer((int) bytes);
    int at = 0;
    for (long index = from; index < page.end(); index++) {
      lines.appendString("{\"index\":").appendString(Long.toString(index));
      if (at < page.payloads().size() && page.payloads().get(at).index() == index) {
        TrailStore.Opening opening = page.payloads().get(at++).opening();
        lines
            .appendString(",\"salt\":\"")
            .appendBytes(base64.encode(opening.salt()))
            .appendString("\",\"canonical\":\"")
            .appendBytes(base64.encode(opening.canonical()))
            .appendString("\"}\n");
      } else {
        lines
            .appendString(",\"gone\":\"")
            .appendString(why(index, page.gone()))
            .appendString("\"}\n");
      }
    }
    return lines;
  }

  /** What a record of the trail names is erased, whatever else may have happened to its partition. */
  private static String why(long index, List<Gone> gone) {
    String why = "unknown";
    for (Gone range : gone) {
      if (index >= range.first() && index < range.end()) {
        if (range.why() == TrailStore.Why.ERASED) {
          return "erased";
        }
        why = "expired";
      }
    }
    return why;
  }
}
