package io.vedette.edge;

import io.vedette.edge.protocol.ServerFrames;
import io.vedette.runtime.http.Problem;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * The dashboard's files and the libraries it uses, from the class path. Each is read and compressed once, off the event loop; memory is bounded by what the class path holds. The import map is made of the
 * libraries' own, and the Content-Security-Policy names it by its hash.
 */
final class Pages {
  private static final Pattern SAFE = Pattern.compile("(/[A-Za-z0-9_@-][A-Za-z0-9._@-]*)+");
  private static final String LIBRARIES = "/_static/";
  private static final Map<String, String> TYPES = Map.of(
      "html", "text/html; charset=utf-8",
      "js", "text/javascript; charset=utf-8",
      "mjs", "text/javascript; charset=utf-8",
      "css", "text/css; charset=utf-8",
      "svg", "image/svg+xml",
      "json", "application/json",
      "webmanifest", "application/manifest+json",
      "png", "image/png",
      "ts", "text/plain; charset=utf-8");
  /** What the dashboard imports by name; of the libraries' other exports it uses none. */
  private static final List<String> IMPORTS = List.of(
      "lit",
      "lit/",
      "lit-html",
      "lit-html/",
      "lit-element",
      "lit-element/",
      "@lit/reactive-element",
      "@lit/reactive-element/",
      "echarts/dist/");

  private record Page(byte[] bytes, byte[] gzip, String type, String tag) {}

  private final Vertx vertx;
  private final Map<String, Page> pages = new ConcurrentHashMap<>();
  private final String importMap;
  private final String policy;

  Pages(Vertx vertx) {
    this.vertx = vertx;
    this.importMap = importMap();
    this.policy = "default-src 'none'; script-src 'self' 'sha256-"
        + Base64.getEncoder().encodeToString(sha256(ServerFrames.utf8(importMap)))
        + "'; style-src 'self'; style-src-attr 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; font-src 'self';"
        + " manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  }

  void mount(Router router) {
    router.get("/").handler(ctx -> serve(ctx, "/index.html"));
    router.get("/favicon.ico").handler(ctx -> serve(ctx, "/icon.svg"));
    router
        .getWithRegex("\\/(_static|client|app|icon\\.svg).*")
        .handler(ctx -> serve(ctx, ctx.request().path()));
  }

  String policy() {
    return policy;
  }

  private void serve(RoutingContext ctx, String path) {
    Page known = pages.get(path);
    if (known != null) {
      send(ctx, path, known);
      return;
    }
    if (!SAFE.matcher(path).matches()) {
      missing(ctx);
      return;
    }
    vertx
        .executeBlocking(() -> read(path), false)
        .onSuccess(found -> {
          if (found.isEmpty()) {
            missing(ctx);
          } else {
            pages.put(path, found.get());
            send(ctx, path, found.get());
          }
        })
        .onFailure(ctx::fail);
  }

  private static void missing(RoutingContext ctx) {
    Problem.send(ctx, 404, "not-found", "Not found", "no such page; the dashboard is at /");
  }

  private void send(RoutingContext ctx, String path, Page page) {
    var response = ctx.response();
    response.putHeader("Content-Security-Policy", policy);
    response.putHeader(HttpHeaders.ETAG, page.tag());
    response.putHeader(HttpHeaders.VARY, "Accept-Encoding");
    // A library's path holds its version, so it never changes; ours are asked for again, and mostly
    // answered 304.
    response.putHeader(
        HttpHeaders.CACHE_CONTROL,
        path.startsWith(LIBRARIES) ? "public, max-age=31536000, immutable" : "no-cache");
    if (page.tag().equals(ctx.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
      response.setStatusCode(304).end();
      return;
    }
    response.putHeader(HttpHeaders.CONTENT_TYPE, page.type());
    String accepted = ctx.request().getHeader(HttpHeaders.ACCEPT_ENCODING);
    if (accepted != null && accepted.contains("gzip") && page.gzip().length < page.bytes().length) {
      response.putHeader(HttpHeaders.CONTENT_ENCODING, "gzip").end(Buffer.buffer(page.gzip()));
    } else {
      response.end(Buffer.buffer(page.bytes()));
    }
  }

  private Optional<Page> read(String path) {
    String resource = path.startsWith(LIBRARIES) ? "META-INF/resources" + path : "web" + path;
    String extension = path.substring(path.lastIndexOf('.') + 1);
    String type = TYPES.get(extension);
    if (type == null) {
      return Optional.empty();
    }
    try (InputStream in = Pages.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        return Optional.empty();
      }
      byte[] bytes = in.readAllBytes();
      if (path.equals("/index.html")) {
        bytes = ServerFrames.utf8(
            new String(bytes, StandardCharsets.UTF_8).replace("{{importmap}}", importMap));
      }
      ByteArrayOutputStream small = new ByteArrayOutputStream(bytes.length / 3 + 64);
      try (GZIPOutputStream gzip = new GZIPOutputStream(small)) {
        gzip.write(bytes);
      }
      String tag = "\"" + HexFormat.of().formatHex(sha256(bytes), 0, 12) + "\"";
      return Optional.of(new Page(bytes, small.toByteArray(), type, tag));
    } catch (IOException broken) {
      throw new UncheckedIOException(resource, broken);
    }
  }

  private static String importMap() {
    Map<String, Object> imports = new TreeMap<>();
    try {
      for (URL url :
          Collections.list(Pages.class.getClassLoader().getResources("META-INF/importmap.json"))) {
        try (InputStream in = url.openStream()) {
          JsonObject map =
              new JsonObject(Buffer.buffer(in.readAllBytes())).getJsonObject("imports");
          for (String name : IMPORTS) {
            if (map.containsKey(name)) {
              imports.put(name, map.getString(name));
            }
          }
        }
      }
    } catch (IOException broken) {
      throw new UncheckedIOException("META-INF/importmap.json", broken);
    }
    if (imports.size() != IMPORTS.size()) {
      throw new IllegalStateException("dashboard libraries: " + imports.keySet() + " (expected: "
          + IMPORTS + " on the class path)");
    }
    return new JsonObject().put("imports", new JsonObject(imports)).encode();
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }
}
