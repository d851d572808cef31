package io.vedette.edge.trail;

import io.vedette.model.RecordView;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.http.Problem;
import io.vedette.store.SqlFailure;
import io.vedette.store.erase.Erased;
import io.vedette.store.erase.Wish;
import io.vedette.store.trail.Gaps.Gap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Erasure and declared losses: {@code POST /api/v1/records/erase} for admins, {@code GET /api/v1/gaps} for viewers. Any thread may call. */
public final class ActsDoor {
  private static final Logger log = LoggerFactory.getLogger(ActsDoor.class);
  private static final int TRAIL = 1;
  private static final int MAX_BODY = 1 << 20; // 100,000 indices
  private static final int MAX_LIMIT = 1_000;
  private static final String KEPT = "VD003";

  private final Access access;
  private final TrailActs acts;
  private final boolean standalone;

  public ActsDoor(Access access, TrailActs acts, boolean standalone) {
    this.access = access;
    this.acts = acts;
    this.standalone = standalone;
  }

  /** Goes before the API, which answers for the rest of its paths. */
  public void mount(Router router) {
    router.post("/api/v1/records/erase").handler(access.require(Role.ADMIN));
    router
        .post("/api/v1/records/erase")
        .handler(BodyHandler.create(false).setBodyLimit(MAX_BODY))
        .handler(this::erase);
    router.get("/api/v1/gaps").handler(access.require(Role.VIEWER)).handler(this::gaps);
  }

  private static boolean mayNotSee(RoutingContext ctx) {
    if (Access.principal(ctx).maySee(TRAIL)) {
      return false;
    }
    Problem.send(ctx, 403, "not-allowed", "Not allowed", "this token may not see trail " + TRAIL);
    return true;
  }

  // erasure

  private void erase(RoutingContext ctx) {
    if (mayNotSee(ctx)) {
      return;
    }
    Wish wish;
    try {
      var body = ctx.body().buffer();
      wish = WishParser.parse(body == null ? new JsonObject() : new JsonObject(body));
    } catch (DecodeException | ClassCastException noJson) {
      bad(ctx, "body: expected one JSON object");
      return;
    } catch (IllegalArgumentException refused) {
      bad(ctx, refused.getMessage());
      return;
    }
    Principal principal = Access.principal(ctx);
    acts.erase(TRAIL, principal.name(), wish)
        .onSuccess(erased -> ctx.response()
            .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
            .end(json(erased).toBuffer()))
        .onFailure(failure -> failed(ctx, failure));
  }

  private JsonObject json(Erased erased) {
    JsonArray ranges = new JsonArray();
    erased
        .ranges()
        .forEach(range -> ranges.add(new JsonArray().add(range.first()).add(range.last())));
    JsonObject derived = new JsonObject();
    erased.derived().forEach(derived::put);
    JsonObject answer = new JsonObject()
        .put("erased", erased.count())
        .put("ranges", ranges)
        .put("acts", new JsonArray(erased.acts()))
        .put("derived", derived)
        .put("tables", new JsonArray(erased.tables()))
        .put("purged", erased.purged())
        .put("until", until(erased));
    return erased.problem().isEmpty() ? answer : answer.put("problem", erased.problem());
  }

  /** Where the bytes may still be, and until when. Says only what is so. */
  private JsonObject until(Erased erased) {
    String vacuum = erased.tables().stream()
        .map(table -> "vedette." + table)
        .reduce((a, b) -> a + ", " + b)
        .orElse("");
    return new JsonObject()
        .put(
            "tables",
            erased.purged()
                ? "now: written anew"
                : erased.problem().equals(Erased.NOT_ASKED)
                    ? "until the schema's owner runs: VACUUM (FULL) " + vacuum
                    : "until it can be done, tried every minute (see problem), or the schema's owner runs: VACUUM (FULL) "
                        + vacuum)
        .put("wal", wal(erased))
        .put(
            "replicas",
            standalone
                ? "there are none of Vedette's own"
                : "until they have replayed this erasure, and recycled their own write-ahead log")
        .put(
            "backups",
            "until each backup and WAL archive made before now has expired or was deleted")
        .put(
            "memory",
            "until the edges' memory of the newest records has moved on or they restart (edge.resume.entries)")
        .put(
            "receivers",
            "what was already sent to receivers of notifications and to connected clients is theirs");
  }

  private String wal(Erased erased) {
    if (erased.walForgotten()) {
      return erased.purged()
          ? "now: overwritten"
          : "now: overwritten; once more when all tables are written anew: until then a page of them may be logged again";
    }
    return standalone
        ? "within 1 h: overwritten bit by bit"
        : "within 1 h where the schema's owner may overwrite it (pg_checkpoint, pg_switch_wal), else until PostgreSQL has come round its segments (max_wal_size)";
  }

  private static void failed(RoutingContext ctx, Throwable failure) {
    if (SqlFailure.sqlState(failure).equals(KEPT)) {
      Problem.send(ctx, 409, "kept", "Kept", String.valueOf(failure.getMessage()));
      return;
    }
    log.warn("erasure failed cause={}", failure.toString());
    unavailable(ctx, "the erasure was not, or not wholly, done; the same request again goes on");
  }

  // gaps

  private void gaps(RoutingContext ctx) {
    if (mayNotSee(ctx)) {
      return;
    }
    long since;
    long until;
    long before;
    long limit;
    try {
      since = time(ctx, "since", 0);
      until = time(ctx, "until", Long.MAX_VALUE);
      before = number(ctx, "before", Long.MAX_VALUE);
      limit = number(ctx, "limit", 100);
      if (limit < 1 || limit > MAX_LIMIT) {
        throw new IllegalArgumentException("limit: " + limit + " (expected: 1 to 1000)");
      }
    } catch (IllegalArgumentException refused) {
      bad(ctx, refused.getMessage());
      return;
    }
    String source = ctx.request().getParam("source");
    acts.gaps(TRAIL, source == null ? "" : source, since, until, before, (int) limit)
        .onSuccess(found -> {
          JsonArray gaps = new JsonArray();
          found.forEach(gap -> gaps.add(json(gap)));
          ctx.response()
              .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
              .end(new JsonObject().put("gaps", gaps).toBuffer());
        })
        .onFailure(failure -> {
          log.debug("gaps cannot be read: {}", failure.toString());
          unavailable(ctx, "the database cannot be read now; try again");
        });
  }

  private static JsonObject json(Gap gap) {
    RecordView record = new RecordView(gap.canonical());
    Map<String, @Nullable Object> said = record.attributes();
    JsonObject json = new JsonObject().put("index", gap.index()).put("time", time(gap.timeUs()));
    for (String name : List.of("source", "count", "cause", "from", "to")) {
      json.put(name, said.get(name));
    }
    return json.put("message", record.text("message"));
  }

  // plumbing

  private static String time(long us) {
    return Instant.ofEpochSecond(
            Math.floorDiv(us, 1_000_000L), Math.floorMod(us, 1_000_000L) * 1_000)
        .toString();
  }

  private static long number(RoutingContext ctx, String name, long otherwise) {
    String text = ctx.request().getParam(name);
    if (text == null) {
      return otherwise;
    }
    try {
      return Math.max(0, Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + ": " + text + " (expected: a whole number)", e);
    }
  }

  private static long time(RoutingContext ctx, String name, long otherwise) {
    String text = ctx.request().getParam(name);
    if (text == null) {
      return otherwise;
    }
    try {
      if (text.chars().allMatch(Character::isDigit)) {
        return Math.multiplyExact(Long.parseLong(text), 1_000L);
      }
      Instant instant = Instant.parse(text);
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException(
          name + ": " + text + " (expected: RFC 3339, or milliseconds since the epoch)", e);
    }
  }

  private static void bad(RoutingContext ctx, @Nullable String detail) {
    Problem.send(ctx, 400, "bad-parameter", "Bad parameter", String.valueOf(detail));
  }

  private static void unavailable(RoutingContext ctx, String detail) {
    ctx.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
    Problem.send(ctx, 503, "store-unavailable", "Store does not answer", detail);
  }
}
