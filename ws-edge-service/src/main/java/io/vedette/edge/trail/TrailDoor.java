package io.vedette.edge.trail;

import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.http.Problem;
import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.trail.EntryBundle;
import io.vedette.trail.RefusedException;
import io.vedette.trail.TileId;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log over HTTP, C2SP {@code tlog-tiles}: {@code /trails/<trail>/checkpoint} and {@code /trails/<trail>/tile/...}, for trail 1 also without the prefix; and what the API says about the trail.
 * Tiles never change and may be kept for ever by whoever read them; a partial tile stays readable when the full one is there, since it is its beginning. Nothing here holds a payload but the proof,
 * which carries the salt. Any thread may call.
 */
public final class TrailDoor {
  static final int HASH_BYTES = 32;

  private static final Logger log = LoggerFactory.getLogger(TrailDoor.class);
  private static final int TRAIL = 1;
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");
  private static final Pattern INDEX = Pattern.compile("0|[1-9][0-9]{0,17}");
  private static final String TEXT = "text/plain; charset=utf-8";

  /** A checkpoint is out of date after the checkpoint interval; a cache in front saves the rest. */
  private static final int CHECKPOINT_SECONDS = 2;

  private static final int YEAR_SECONDS = 31_536_000;

  private final Access access;
  private final boolean open;
  private final TrailStore store;
  private final Published published;
  private final Proofs proofs;

  /** @param open {@code trail.public}: whether the log needs no token */
  public TrailDoor(Access access, boolean open, TrailStore store) {
    this.access = access;
    this.open = open;
    this.store = store;
    this.published = new Published(store, System::nanoTime);
    this.proofs = new Proofs(store, published);
  }

  /** Goes before the API, which answers for the rest of its paths. */
  public void mount(Router router) {
    log(router, "/checkpoint", ctx -> checkpoint(ctx, TRAIL));
    log(router, "/tile/*", ctx -> tile(ctx, TRAIL, path(ctx, "/")));
    log(router, "/trails/:trail/checkpoint", ctx -> ofTrail(ctx, this::checkpoint));
    log(
        router,
        "/trails/:trail/tile/*",
        ctx -> ofTrail(
            ctx,
            (it, trail) -> tile(it, trail, path(it, "/trails/" + it.pathParam("trail") + "/"))));
    log(router, "/minimum-index", ctx -> minimumIndex(ctx, TRAIL));
    log(router, "/trails/:trail/minimum-index", ctx -> ofTrail(ctx, this::minimumIndex));
    log(router, HttpMethod.GET, "/api/v1/trail/key", ctx -> key(ctx, TRAIL));
    router
        .get("/api/v1/trail")
        .handler(access.require(Role.VIEWER))
        .handler(ctx -> seen(ctx, TRAIL, this::trail));
    router
        .get("/api/v1/records/:index/proof")
        .handler(access.require(Role.VIEWER))
        .handler(ctx -> seen(ctx, TRAIL, this::proof));
  }

  private interface Answer {
    void give(RoutingContext ctx, int trail);
  }

  private void log(Router router, String path, Handler<RoutingContext> answer) {
    log(router, HttpMethod.GET, path, answer);
    log(router, HttpMethod.HEAD, path, answer);
  }

  private void log(Router router, HttpMethod method, String path, Handler<RoutingContext> answer) {
    if (!open) {
      router.route(method, path).handler(access.require(Role.VIEWER));
    }
    router.route(method, path).handler(answer);
  }

  private void ofTrail(RoutingContext ctx, Answer answer) {
    String trail = ctx.pathParam("trail");
    if (!NUMBER.matcher(trail).matches()) {
      Problem.send(
          ctx,
          404,
          "not-found",
          "Not found",
          "trail: " + clip(trail) + " (expected: the number of a trail, from 1)");
      return;
    }
    answer.give(ctx, Integer.parseInt(trail));
  }

  private void seen(RoutingContext ctx, int trail, Answer answer) {
    if (mayRead(ctx, trail)) {
      answer.give(ctx, trail);
    }
  }

  private boolean mayRead(RoutingContext ctx, int trail) {
    if (Access.principal(ctx).maySee(trail)) {
      return true;
    }
    Problem.send(ctx, 403, "not-allowed", "Not allowed", "this token may not see trail " + trail);
    return false;
  }

  /** As it was sent: a tile has one spelling, so nothing is decoded or normalised. */
  private static String path(RoutingContext ctx, String prefix) {
    String path = ctx.request().path();
    return path.startsWith(prefix) ? path.substring(prefix.length()) : path;
  }

  // the log

  private void checkpoint(RoutingContext ctx, int trail) {
    if (!open && !mayRead(ctx, trail)) {
      return;
    }
    published
        .newest(trail)
        .onSuccess(newest -> {
          if (newest.isEmpty()) {
            unsigned(ctx, trail);
            return;
          }
          byte[] note = newest.get().note().getBytes(StandardCharsets.UTF_8);
          send(ctx, TEXT, "max-age=" + CHECKPOINT_SECONDS, note);
        })
        .onFailure(failure -> unavailable(ctx, failure));
  }

  private static void unsigned(RoutingContext ctx, int trail) {
    ctx.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
    Problem.send(
        ctx,
        404,
        "no-checkpoint",
        "No checkpoint",
        "trail " + trail
            + " has no published checkpoint: it does not exist, or nothing of it was signed yet");
  }

  /** The checkpoint's companion: below it no payload is kept, entries are. One number and a newline. */
  private void minimumIndex(RoutingContext ctx, int trail) {
    if (!open && !mayRead(ctx, trail)) {
      return;
    }
    store
        .head(trail)
        .onSuccess(head -> {
          if (head.isEmpty()) {
            unsigned(ctx, trail);
            return;
          }
          byte[] line = (head.get().minIndex() + "\n").getBytes(StandardCharsets.US_ASCII);
          send(ctx, TEXT, "max-age=" + CHECKPOINT_SECONDS, line);
        })
        .onFailure(failure -> unavailable(ctx, failure));
  }

  private void tile(RoutingContext ctx, int trail, String path) {
    if (!open && !mayRead(ctx, trail)) {
      return;
    }
    TileId id;
    try {
      id = TileId.parse(path);
    } catch (RefusedException refused) {
      Problem.send(
          ctx, 400, "bad-tile-path", "Bad tile path", String.valueOf(refused.getMessage()));
      return;
    }
    published
        .newest(trail)
        .compose(newest -> within(id, newest)
            ? Future.succeededFuture(true)
            : published
                .covering(trail, newest.map(StoredCheckpoint::size).orElse(-1L) + 1)
                .map(newer -> within(id, newer)))
        .compose(
            covered -> covered ? body(trail, id) : Future.succeededFuture(Optional.<byte[]>empty()))
        .onSuccess(body -> {
          if (body.isEmpty()) {
            Problem.send(
                ctx,
                404,
                "not-found",
                "Not found",
                id.path() + " is not in the tree of the newest checkpoint");
          } else {
            send(
                ctx,
                "application/octet-stream",
                "max-age=" + YEAR_SECONDS + ", immutable",
                body.get());
          }
        })
        .onFailure(failure -> unavailable(ctx, failure));
  }

  private static boolean within(TileId id, Optional<StoredCheckpoint> checkpoint) {
    return checkpoint.isPresent() && isWithin(id, checkpoint.get().size());
  }

  /** Whether a tree of so many leaves has this tile at this width. */
  static boolean isWithin(TileId id, long size) {
    long hashes = id.level() <= 0 ? size : id.level() > 7 ? 0 : size >>> (8 * id.level());
    return hashes >= id.width() && id.index() <= (hashes - id.width()) / TileId.MAX_WIDTH;
  }

  private Future<Optional<byte[]>> body(int trail, TileId id) {
    Future<Optional<byte[]>> found = id.isEntries()
        ? store
            .commitments(trail, id.index() * TileId.MAX_WIDTH, id.width())
            .map(commitments -> commitments.length < id.width() * HASH_BYTES
                ? Optional.empty()
                : Optional.of(EntryBundle.encode(commitments, 0, id.width())))
        : store.tiles(trail, List.of(id)).map(tiles -> Optional.ofNullable(tiles.get(id))
            .map(hashes -> Arrays.copyOf(hashes, id.width() * HASH_BYTES)));
    return found.map(body -> {
      if (body.isEmpty()) {
        throw new IllegalStateException(
            id.path() + " of trail " + trail
                + " is covered by a checkpoint but is not stored (find out what happened: vedette trail verify)");
      }
      return body;
    });
  }

  private void key(RoutingContext ctx, int trail) {
    if (!open && !mayRead(ctx, trail)) {
      return;
    }
    store
        .head(trail)
        .compose(head -> head.isEmpty()
            ? Future.succeededFuture(List.<TrailStore.Key>of())
            : store.keys(trail, head.get().origin()))
        .map(keys -> vkeys(keys, true))
        .onSuccess(keys -> {
          if (keys.isEmpty()) {
            unsigned(ctx, trail);
          } else {
            byte[] lines = (String.join("\n", keys) + "\n").getBytes(StandardCharsets.UTF_8);
            send(ctx, TEXT, "max-age=" + CHECKPOINT_SECONDS, lines);
          }
        })
        .onFailure(failure -> unavailable(ctx, failure));
  }

  private static List<String> vkeys(List<TrailStore.Key> keys, boolean signing) {
    return keys.stream()
        .filter(key -> key.signing() == signing)
        .map(TrailStore.Key::vkey)
        .toList();
  }

  // the API

  private void trail(RoutingContext ctx, int trail) {
    store
        .head(trail)
        .compose(head -> head.isEmpty()
            ? answerTrail(ctx, trail, head, List.of())
            : store
                .keys(trail, head.get().origin())
                .compose(keys -> answerTrail(ctx, trail, head, keys)))
        .onFailure(failure -> unavailable(ctx, failure));
  }

  private Future<Boolean> answerTrail(
      RoutingContext ctx, int trail, Optional<TrailStore.Head> head, List<TrailStore.Key> keys) {
    return published.newest(trail).map(newest -> {
      if (head.isEmpty()) {
        Problem.send(ctx, 404, "not-found", "Not found", "trail " + trail + " does not exist yet");
        return true;
      }
      TrailStore.Head it = head.get();
      JsonObject body = new JsonObject()
          .put("trail", trail)
          .put("epoch", it.epoch())
          .put("origin", it.origin())
          .put("size", it.size())
          .put("min_index", it.minIndex())
          .put("keys", new JsonArray(vkeys(keys, true)))
          .put("retired_keys", new JsonArray(vkeys(keys, false)))
          .put("checkpoint", newest.map(TrailDoor::json).orElse(null));
      ctx.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(body.toBuffer());
      return true;
    });
  }

  private static JsonObject json(StoredCheckpoint checkpoint) {
    long us = checkpoint.atUs();
    return new JsonObject()
        .put("size", checkpoint.size())
        .put("root", Base64.getEncoder().encodeToString(checkpoint.root()))
        .put(
            "time",
            Instant.ofEpochSecond(us / 1_000_000, us % 1_000_000 * 1_000).toString())
        .put("note", checkpoint.note());
  }

  private void proof(RoutingContext ctx, int trail) {
    String text = ctx.pathParam("index");
    if (!INDEX.matcher(text).matches()) {
      Problem.send(
          ctx,
          400,
          "bad-parameter",
          "Bad parameter",
          "index: " + clip(text) + " (expected: a whole number from 0)");
      return;
    }
    long index = Long.parseLong(text);
    proofs
        .prove(trail, index)
        .onSuccess(outcome -> answer(ctx, index, outcome))
        .onFailure(failure -> unavailable(ctx, failure));
  }

  private static void answer(RoutingContext ctx, long index, Proofs.Outcome outcome) {
    if (outcome instanceof Proofs.Outcome.Proven proven) {
      ctx.response()
          .putHeader(
              HttpHeaders.CONTENT_DISPOSITION,
              "attachment; filename=\"record-" + index + ".tlog-proof\"")
          .putHeader(HttpHeaders.CONTENT_TYPE, TEXT)
          .end(Buffer.buffer(proven.file()));
    } else if (outcome instanceof Proofs.Outcome.Absent absent) {
      Problem.send(
          ctx,
          404,
          "not-found",
          "Not found",
          "index: " + index + " (expected: below " + absent.size() + ", the trail's size)");
    } else if (outcome instanceof Proofs.Outcome.PayloadGone) {
      Problem.send(
          ctx,
          410,
          "payload-gone",
          "Payload gone",
          "record " + index + " was erased or has expired; its entry stays in the log");
    } else if (outcome instanceof Proofs.Outcome.NotCovered) {
      ctx.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
      Problem.send(
          ctx,
          503,
          "not-covered-yet",
          "Not covered yet",
          "no published checkpoint covers record " + index + " yet; try again in a second");
    } else if (outcome instanceof Proofs.Outcome.Broken broken) {
      log.error("record cannot be proven index={} reason={}", index, broken.reason());
      JsonArray next = new JsonArray().add("vedette trail verify");
      Problem.send(
          ctx,
          500,
          "trail-broken",
          "The trail does not verify",
          broken.reason(),
          new JsonObject().put("try", next));
    }
  }

  // plumbing

  private void send(RoutingContext ctx, String type, String caching, byte[] body) {
    HttpServerResponse response = ctx.response();
    if (response.ended() || response.closed()) {
      return;
    }
    String tag = tag(body);
    response.putHeader(HttpHeaders.ETAG, tag);
    response.putHeader(HttpHeaders.CACHE_CONTROL, (open ? "public, " : "private, ") + caching);
    if (open) {
      response.putHeader("Cross-Origin-Resource-Policy", "cross-origin");
      response.putHeader("Access-Control-Allow-Origin", "*");
    }
    if (isKnown(ctx.request().getHeader(HttpHeaders.IF_NONE_MATCH), tag)) {
      response.setStatusCode(304).end();
      return;
    }
    response.putHeader(HttpHeaders.CONTENT_TYPE, type);
    if (ctx.request().method().equals(HttpMethod.HEAD)) {
      response
          .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length))
          .end();
    } else {
      response.end(Buffer.buffer(body));
    }
  }

  /** RFC 9110, section 13.1.2: any, or one of these by the weak comparison. */
  private static boolean isKnown(@Nullable String header, String tag) {
    return header != null
        && Arrays.stream(header.split(","))
            .map(String::strip)
            .anyMatch(it -> it.equals("*") || it.equals(tag) || it.equals("W/" + tag));
  }

  private static String tag(byte[] body) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
      return '"' + HexFormat.of().formatHex(hash, 0, 16) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
    }
  }

  private static String clip(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }

  private static void unavailable(RoutingContext ctx, Throwable failure) {
    if (failure instanceof IllegalStateException broken) {
      log.error("log cannot be served: {}", broken.getMessage());
    } else {
      log.debug("log cannot be served: {}", failure.toString());
    }
    ctx.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
    Problem.send(
        ctx,
        503,
        "store-unavailable",
        "Store does not answer",
        failure instanceof IllegalStateException
            ? String.valueOf(failure.getMessage())
            : "the database cannot be read now; try again");
  }
}
