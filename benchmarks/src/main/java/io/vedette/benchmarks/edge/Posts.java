package io.vedette.benchmarks.edge;

import io.vedette.edge.protocol.ServerFrames;
import io.vedette.standalone.cli.CommandFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Posts records made from the lines of a log at a rate (open loop: a request that found no connection counts from when it was due) and remembers by index when each was acknowledged. A record's actor is one
 * of so many in turn, so that a filter by actor takes an equal share.
 */
final class Posts implements Source, Tally.Known {
  private static final int REMEMBERED = 1 << 22;
  private static final int BODIES = 64;

  private final byte[][] requests = new byte[BODIES][];
  private final int batch;
  private final List<Connection> all = new ArrayList<>();
  private final Deque<Connection> free = new ArrayDeque<>();
  private final Deque<Long> waiting = new ArrayDeque<>();
  private final long[] ackNs = new long[REMEMBERED];
  private final Histogram toAck = new Histogram();
  private long periodNs = Long.MAX_VALUE;
  private long dueNs;
  private long sent;
  private long acknowledged;
  private long refused;

  /** @param actors how many there are, in turn */
  Posts(String url, String token, int connections, int batch, int actors, Path log)
      throws IOException {
    this.batch = batch;
    List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .map(line -> ServerFrames.quote(line.substring(0, Math.min(400, line.length()))))
        .toList();
    URI uri = URI.create(url);
    for (int i = 0; i < BODIES; i++) {
      StringBuilder body = new StringBuilder();
      for (int j = 0; j < batch; j++) {
        int n = i * batch + j;
        body.append("{\"message\":")
            .append(lines.get(n % lines.size()))
            .append(",\"actor\":\"user-")
            .append(n % actors)
            .append("\"}\n");
      }
      byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
      byte[] head = ("POST /v1/records HTTP/1.1\r\nHost: localhost:" + uri.getPort()
              + "\r\nAuthorization: Bearer " + token
              + "\r\nContent-Type: application/x-ndjson\r\nContent-Length: " + bytes.length
              + "\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII);
      requests[i] =
          ByteBuffer.allocate(head.length + bytes.length).put(head).put(bytes).array();
    }
    for (int i = 0; i < connections; i++) {
      Connection connection = new Connection(SocketChannel.open(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), uri.getPort())));
      all.add(connection);
      free.add(connection);
    }
  }

  private final class Connection {
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(64 << 10);
    private long postedNs;

    Connection(SocketChannel channel) throws IOException {
      this.channel = channel;
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    void post(long dueAtNs) throws IOException {
      postedNs = dueAtNs;
      ByteBuffer bytes = ByteBuffer.wrap(requests[(int) (sent / batch % BODIES)]);
      sent += batch;
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    void answered() {
      try {
        if (channel.read(in) < 0) {
          throw new CommandFailure("the collector closed a connection");
        }
        String answer = new String(in.array(), 0, in.position(), StandardCharsets.ISO_8859_1);
        int end = answer.indexOf("\r\n\r\n");
        if (end < 0 || answer.length() < end + 4 + length(answer)) {
          return;
        }
        in.clear();
        acknowledge(answer, postedNs);
        Long next = waiting.poll();
        if (next == null) {
          free.add(this);
        } else {
          post(next);
        }
      } catch (IOException failure) {
        throw new CommandFailure("the collector cannot be read: " + failure.getMessage(), failure);
      }
    }
  }

  private static int length(String answer) {
    return (int) number(answer.toLowerCase(java.util.Locale.ROOT), "content-length: ");
  }

  private static long number(String text, String name) {
    int at = text.indexOf(name);
    if (at < 0) {
      return -1;
    }
    long value = 0;
    for (int i = at + name.length();
        i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9';
        i++) {
      value = value * 10 + text.charAt(i) - '0';
    }
    return value;
  }

  private void acknowledge(String answer, long postedNs) {
    long nowNs = System.nanoTime();
    long first = number(answer, "\"first_index\":");
    long last = number(answer, "\"last_index\":");
    if (!answer.startsWith("HTTP/1.1 2") || first < 0) {
      refused++;
      return;
    }
    toAck.add((nowNs - postedNs) / 1_000);
    for (long index = first; index <= last; index++) {
      ackNs[(int) (index % REMEMBERED)] = nowNs;
    }
    acknowledged += last - first + 1;
  }

  void rate(double perSecond) {
    periodNs = (long) (TimeUnit.SECONDS.toNanos(1) * batch / perSecond);
    dueNs = System.nanoTime();
  }

  void stop() {
    periodNs = Long.MAX_VALUE;
  }

  void begin() {
    toAck.clear();
    acknowledged = 0;
    refused = 0;
  }

  @Override
  public void listen(Selector selector) throws IOException {
    for (Connection connection : all) {
      Runnable answered = connection::answered;
      connection.channel.register(selector, SelectionKey.OP_READ, answered);
    }
  }

  @Override
  public long waitNs(long nowNs) {
    return periodNs == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, dueNs - nowNs);
  }

  @Override
  public void turn(long nowNs, double behind, double maxBehind) throws IOException {
    while (periodNs != Long.MAX_VALUE && nowNs >= dueNs) {
      Connection connection = free.poll();
      if (connection == null) {
        waiting.add(dueNs);
      } else {
        connection.post(dueNs);
      }
      dueNs += periodNs;
    }
  }

  @Override
  public long published() {
    return sent;
  }

  @Override
  public long sequence(long marked) {
    return marked;
  }

  @Override
  public long sinceNs(long sequence) {
    return ackNs[(int) (sequence % REMEMBERED)];
  }

  Histogram toAck() {
    return toAck;
  }

  long acknowledged() {
    return acknowledged;
  }

  long refused() {
    return refused;
  }

  @Override
  public void close() throws IOException {
    for (Connection connection : all) {
      connection.channel.close();
    }
  }
}
