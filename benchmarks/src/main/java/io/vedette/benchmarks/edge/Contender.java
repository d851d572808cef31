package io.vedette.benchmarks.edge;

import java.util.Locale;

/** A server under test: how it is told what to publish, where its sockets are, and what a client says first. */
enum Contender {
  /** The edge as it ships. */
  VEDETTE("/monitor", "{\"type\":\"register\",\"address\":\"%s\",\"headers\":{}}"),
  /** The npm package ws, broadcasting as its documentation shows; with compression, its defaults. */
  WS("/", ""),
  /** ws, framed once and batched by hand with our ticks. */
  WS_BATCHED("/", ""),
  /** ws with compression without context takeover, whatever the size. */
  WS_NO_CONTEXT("/", ""),
  /** The stock event-bus bridge of Vert.x over SockJS. */
  SOCKJS(
      "/eventbus/000/%s/websocket",
      "[\"{\\\"type\\\":\\\"register\\\",\\\"address\\\":\\\"%s\\\",\\\"headers\\\":{}}\"]"),
  /** Vert.x, writeTextMessage for each socket; with compression, its defaults. */
  VERTX("/", ""),
  /** nginx with the module nchan. */
  NCHAN("/subscribe", "");

  private final String path;
  private final String hello;

  Contender(String path, String hello) {
    this.path = path;
    this.hello = hello;
  }

  static Contender of(String word) {
    return valueOf(word.strip().toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Greeting greeting(Topic topic) {
    return new Greeting() {
      @Override
      public String path(int client) {
        return String.format(Locale.ROOT, path, "c" + client);
      }

      @Override
      public String headers() {
        return "";
      }

      @Override
      public String hello(int client) {
        return String.format(Locale.ROOT, hello, topic.address);
      }
    };
  }

  /** A JVM needs longer until what is hot has been compiled. */
  boolean isCompiledLate() {
    return this == VEDETTE || this == SOCKJS || this == VERTX;
  }

  boolean takesHttp() {
    return this == NCHAN;
  }

  /** What this contender is fed for so many publications from {@code first} on, a line each. */
  String feed(Payloads payloads, long first, int count) {
    if (this == VEDETTE) {
      return payloads.forEdge(first, count) + "\n";
    }
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      if (this == SOCKJS) {
        lines.append(payloads.topic().address).append('\t').append(payloads.body(first + i));
      } else {
        lines.append(payloads.frame(first + i));
      }
      lines.append('\n');
    }
    return lines.toString();
  }
}
