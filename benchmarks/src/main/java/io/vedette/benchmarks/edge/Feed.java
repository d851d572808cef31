package io.vedette.benchmarks.edge;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Publishes on schedule (open loop) and remembers when. A server that is further behind than the bound is waited for, which is counted: its rate is then what it can do, not what was asked, and its memory
 * stays bounded. Driven by the loop that also reads, so that one clock serves both.
 */
final class Feed implements Source, Tally.Known {
  private static final int REMEMBERED = 1 << 20;

  private final Contender contender;
  private final Payloads payloads;
  private final SocketChannel channel;
  private final long[] sentNs = new long[REMEMBERED];
  private final ByteBuffer answers = ByteBuffer.allocate(64 << 10);
  private long periodNs = Long.MAX_VALUE;
  private int batch = 1;
  private long dueNs;
  private long next;
  private long held;

  Feed(Contender contender, Payloads payloads, int port) throws IOException {
    this.contender = contender;
    this.payloads = payloads;
    this.channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
  }

  /** From now on {@code perSecond} publications a second, {@code batch} at a time. */
  void rate(double perSecond, int batch) {
    this.batch = batch;
    periodNs = (long) (TimeUnit.SECONDS.toNanos(1) * batch / perSecond);
    dueNs = System.nanoTime();
  }

  void stop() {
    periodNs = Long.MAX_VALUE;
  }

  @Override
  public long waitNs(long nowNs) {
    return periodNs == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, dueNs - nowNs);
  }

  @Override
  public void turn(long nowNs, double behind, double maxBehind) throws IOException {
    while (periodNs != Long.MAX_VALUE && nowNs >= dueNs) {
      if (behind > maxBehind) {
        held++;
        dueNs = nowNs + periodNs;
        return;
      }
      publish();
      dueNs += periodNs;
    }
  }

  private void publish() throws IOException {
    for (int i = 0; i < batch; i++) {
      sentNs[(int) ((next + i) % REMEMBERED)] = System.nanoTime();
    }
    String lines = contender.feed(payloads, next, batch);
    next += batch;
    byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
    if (!contender.takesHttp()) {
      write(ByteBuffer.wrap(bytes));
      return;
    }
    for (String message : lines.split("\n", -1)) {
      if (!message.isEmpty()) {
        byte[] body = message.getBytes(StandardCharsets.UTF_8);
        byte[] head =
            ("POST /publish HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: "
                    + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        write(ByteBuffer.allocate(head.length + body.length).put(head).put(body).flip());
      }
    }
    answers.clear();
    if (channel.read(answers) < 0) {
      throw new IOException("the server closed the connection that feeds it");
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  Payloads payloads() {
    return payloads;
  }

  @Override
  public long published() {
    return next;
  }

  /** How often a publication was put off because the server was too far behind. */
  long held() {
    return held;
  }

  @Override
  public long sequence(long marked) {
    return payloads.sequence(marked);
  }

  @Override
  public long sinceNs(long sequence) {
    return sentNs[(int) (sequence % REMEMBERED)];
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
