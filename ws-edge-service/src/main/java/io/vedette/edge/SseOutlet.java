package io.vedette.edge;

import io.vedette.edge.hub.Outlet;
import io.vedette.edge.metric.EdgeMetrics;
import io.vedette.edge.protocol.CloseCode;
import io.vedette.edge.protocol.Frame;
import io.vedette.edge.protocol.ServerFrames;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An event stream as outlet: each message is the data of one event, publications without a name, everything else named by its type. What is written within a tick leaves as one chunk. On its event loop only.
 */
final class SseOutlet implements Outlet {
  /** All that stands in front of a body is ours, and shorter. */
  private static final int PREFIX = 512;

  private static final Pattern TYPE = Pattern.compile("^\\{\"type\":\"(\\w+)\"");
  private static final Pattern ADDRESS = Pattern.compile("\"address\":\"([^\"\\\\]*)\"");
  private static final Pattern POSITION = Pattern.compile("\"position\":\"([^\"\\\\]*)\"");
  private static final Pattern REACHED = Pattern.compile("\"reached\":\"([^\"\\\\]*)\"");
  private static final Pattern HINT = Pattern.compile("reconnect in (\\d{1,6}) ms");

  private final Vertx vertx;
  private final HttpServerResponse response;
  private final EdgeMetrics metrics;
  private final Map<String, String> positions;
  private Buffer gathered = Buffer.buffer();
  private long inFlight;
  private Runnable heard = () -> {};

  /** @param from positions the reader came with */
  SseOutlet(
      Vertx vertx, HttpServerResponse response, Map<String, String> from, EdgeMetrics metrics) {
    this.vertx = vertx;
    this.response = response;
    this.positions = new LinkedHashMap<>(from);
    this.metrics = metrics;
  }

  /** Who is told that the reader took something: all that it ever says. */
  void heardBy(Runnable listener) {
    heard = listener;
  }

  @Override
  public void write(Frame frame) {
    int before = gathered.length();
    for (byte[] message : frame.messages()) {
      event(message);
    }
    metrics.wire(frame.length(), gathered.length() - before);
  }

  private void event(byte[] message) {
    String prefix =
        new String(message, 0, Math.min(message.length, PREFIX), StandardCharsets.UTF_8);
    String type = first(TYPE, prefix);
    boolean publication = type.equals("rec");
    if (!publication) {
      gathered.appendString("event: ").appendString(type).appendString("\n");
    }
    data(message);
    if (moved(type, prefix)) {
      gathered.appendString("id: ");
      String between = "";
      for (Map.Entry<String, String> at : positions.entrySet()) {
        gathered.appendString(between).appendString(at.getKey() + "=" + at.getValue());
        between = " ";
      }
      gathered.appendString("\n");
    }
    gathered.appendString("\n");
  }

  /** JSON may have line ends between its parts; each line needs its name. */
  private void data(byte[] message) {
    int from = 0;
    for (int i = 0; i <= message.length; i++) {
      if (i == message.length || message[i] == '\n' || message[i] == '\r') {
        gathered.appendString("data: ").appendBytes(message, from, i - from).appendString("\n");
        from = i + 1;
      }
    }
  }

  /** Whether the reader stands elsewhere after this message. State topics have no place to stand. */
  private boolean moved(String type, String prefix) {
    String position =
        switch (type) {
          case "rec", "registered", "replayed" -> first(POSITION, prefix);
          case "head" -> first(REACHED, prefix);
          default -> "";
        };
    if (position.isEmpty() || position.startsWith("state:")) {
      return false;
    }
    positions.put(first(ADDRESS, prefix), position);
    return true;
  }

  private static String first(Pattern pattern, String prefix) {
    Matcher matcher = pattern.matcher(prefix);
    return matcher.find() ? matcher.group(1) : "";
  }

  @Override
  public void write(Frame frame, Runnable sent) {
    write(frame);
    send(() -> vertx.runOnContext(soon -> sent.run()));
  }

  @Override
  public void flush() {
    send(() -> {});
  }

  private void send(Runnable sent) {
    Buffer chunk = gathered;
    gathered = Buffer.buffer();
    if (chunk.length() == 0 || response.closed() || response.ended()) {
      sent.run();
      return;
    }
    inFlight += chunk.length();
    response.write(chunk).onComplete(written -> {
      inFlight -= chunk.length();
      if (written.succeeded()) {
        heard.run();
      }
      sent.run();
    });
  }

  @Override
  public long pendingBytes() {
    return inFlight + gathered.length();
  }

  /** A comment; what reads events passes it over. */
  @Override
  public void ping() {
    gathered.appendString(":\n\n");
    flush();
  }

  @Override
  public void close(CloseCode code, String reason) {
    if (response.closed() || response.ended()) {
      return;
    }
    long startedUs = VertxLoop.nowMicros();
    Matcher hint = HINT.matcher(reason);
    if (hint.find()) {
      gathered.appendString("retry: " + hint.group(1) + "\n");
    }
    gathered.appendString("event: close\ndata: {\"code\":" + code.code() + ",\"reconnect\":"
        + code.reconnect() + ",\"reason\":" + ServerFrames.quote(reason) + "}\n\n");
    flush();
    response.end().onComplete(done -> metrics.closeTook(VertxLoop.nowMicros() - startedUs));
  }
}
