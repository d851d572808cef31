package io.vedette.edge.api;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** The document of what {@link Api} serves; a test holds it against the routes. */
final class OpenApi {
  private record Parameter(String name, String in, String type, String doc) {}

  private static final Parameter LIMIT =
      query("limit", "integer", "At most so many, 1 to 1000; 100 by default");
  private static final Parameter SINCE =
      query("since", "string", "From this time on, RFC 3339 or milliseconds since the epoch");
  private static final Parameter UNTIL =
      query("until", "string", "Before this time, RFC 3339 or milliseconds since the epoch");
  private static final Parameter FROM = query("from", "integer", "From this index or offset on");

  private final JsonObject paths = new JsonObject();
  private final JsonObject document;

  OpenApi() {
    read(
        "/api/v1/records",
        "Records in order of their indices: the newest, or a range by index, by event time, or both; go on with from = the last index + 1 until none come",
        FROM,
        query("to", "integer", "Up to, and without, this index"),
        query("before", "integer", "The newest before this index; alone"),
        SINCE,
        UNTIL,
        LIMIT);
    read(
        "/api/v1/records/{index}",
        "One record with its index and log time",
        path("index", "integer"));
    read(
        "/api/v1/records/{index}/canonical",
        "The stored canonical bytes of one record",
        path("index", "integer"));
    read(
        "/api/v1/records/canonical",
        "Stored bytes of many records, application/x-ndjson: a line per index with \"salt\" and \"canonical\" (base64), or \"gone\": \"erased\" or \"expired\" where a record of the trail or a dropped partition says so, else \"unknown\"; a page of at most 4096, the header Vedette-Next names the index to go on with",
        FROM,
        query("to", "integer", "Up to, and without, this index"),
        query("trail", "integer", "Of this trail; 1 by default"));
    read(
        "/api/v1/records/{index}/proof",
        "That the record is in the log: a C2SP tlog-proof against the newest checkpoint, text; 503 until one covers it, 410 when the payload is gone",
        path("index", "integer"));
    read(
        "/api/v1/trail",
        "The trail: size, min_index, epoch, origin, newest checkpoint; keys that sign it, and retired_keys that signed earlier checkpoints");
    read("/api/v1/trail/key", "The keys that sign it now, one C2SP vkey a line, newest first");
    operation(
        "/api/v1/records/erase",
        "post",
        "Erases payload and salt of records: {\"reason\"} and \"indices\", \"ranges\" or \"filter\"; their entries stay",
        "admin");
    read(
        "/api/v1/gaps",
        "Declared losses, newest first",
        query("source", "string", "Only those of this source"),
        query("before", "integer", "Below this index"),
        SINCE,
        UNTIL,
        LIMIT);
    read("/api/v1/statistics", "Names of statistics");
    read(
        "/api/v1/statistics/{name}",
        "Values of a statistic over a range, the last 15 minutes by default",
        path("name", "string"),
        SINCE,
        UNTIL,
        query("fields", "string", "Only these, for example last,mean; all by default"),
        query("selector", "string", "Only these series, as Prometheus writes it: {host=\"a\"}"));
    read(
        "/api/v1/alerts",
        "Alerts, newest change first",
        query("resolved", "boolean", "Also those that are resolved"),
        LIMIT);
    read(
        "/api/v1/alerts/{fingerprint}",
        "One alert, with what happened to it as changes, newest first",
        path("fingerprint", "string"));
    read(
        "/api/v1/notifications",
        "Notifications in order of their offsets, the newest by default",
        FROM,
        LIMIT);
    read(
        "/api/v1/findings",
        "Findings in order of their offsets, the newest by default",
        FROM,
        LIMIT);
    read("/api/v1/sources", "Sources and how far they were read");
    read("/api/v1/rules", "The rules in force");
    read("/api/v1/cluster", "Live nodes");
    read("/api/v1/session", "Who the caller is");
    operation("/api/v1/session", "post", "Exchanges {\"token\"} for a cookie", "none");
    operation("/api/v1/session", "delete", "Forgets the cookie", "none");
    operation(
        "/api/v1/alerts/{fingerprint}/acknowledge",
        "post",
        "Takes an alert; body {\"comment\"} optional",
        "operator",
        path("fingerprint", "string"));
    operation(
        "/api/v1/silences",
        "post",
        "Mutes what matches for a time; body as in Alertmanager",
        "operator");
    operation(
        "/api/v1/silences/{silenceID}",
        "delete",
        "Ends a silence",
        "operator",
        path("silenceID", "string"));
    operation("/api/v1/openapi.json", "get", "This document", "none");
    document = new JsonObject()
        .put("openapi", "3.1.0")
        .put(
            "info",
            new JsonObject()
                .put("title", "Vedette")
                .put("version", "v1")
                .put("license", new JsonObject().put("name", "Apache-2.0")))
        .put("paths", paths)
        .put(
            "components",
            new JsonObject()
                .put(
                    "securitySchemes",
                    new JsonObject()
                        .put("bearer", new JsonObject().put("type", "http").put("scheme", "bearer"))
                        .put(
                            "cookie",
                            new JsonObject()
                                .put("type", "apiKey")
                                .put("in", "cookie")
                                .put("name", "vedette")))
                .put(
                    "responses",
                    new JsonObject()
                        .put(
                            "Problem",
                            new JsonObject()
                                .put("description", "What went wrong and what to do (RFC 9457)")
                                .put(
                                    "content",
                                    new JsonObject()
                                        .put("application/problem+json", new JsonObject())))));
  }

  JsonObject json() {
    return document;
  }

  private static Parameter query(String name, String type, String doc) {
    return new Parameter(name, "query", type, doc);
  }

  private static Parameter path(String name, String type) {
    return new Parameter(name, "path", type, "");
  }

  private void read(String path, String summary, Parameter... parameters) {
    operation(path, "get", summary, "viewer", parameters);
  }

  private void operation(
      String path, String method, String summary, String role, Parameter... parameters) {
    JsonArray list = new JsonArray();
    for (Parameter parameter : List.of(parameters)) {
      JsonObject described = new JsonObject()
          .put("name", parameter.name())
          .put("in", parameter.in())
          .put("required", parameter.in().equals("path"))
          .put("schema", new JsonObject().put("type", parameter.type()));
      list.add(
          parameter.doc().isEmpty() ? described : described.put("description", parameter.doc()));
    }
    JsonObject operation = new JsonObject()
        .put("summary", summary)
        .put("x-role", role)
        .put("parameters", list)
        .put(
            "responses",
            new JsonObject()
                .put(
                    method.equals("delete") && path.endsWith("session") ? "204" : "200",
                    new JsonObject()
                        .put("description", "Done")
                        .put("content", new JsonObject().put("application/json", new JsonObject())))
                .put("default", new JsonObject().put("$ref", "#/components/responses/Problem")));
    if (!role.equals("none")) {
      operation.put(
          "security",
          new JsonArray()
              .add(new JsonObject().put("bearer", new JsonArray()))
              .add(new JsonObject().put("cookie", new JsonArray())));
    }
    JsonObject known = paths.getJsonObject(path);
    if (known == null) {
      known = new JsonObject();
      paths.put(path, known);
    }
    known.put(method, operation);
  }
}
