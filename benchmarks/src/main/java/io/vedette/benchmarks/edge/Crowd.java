package io.vedette.benchmarks.edge;

import io.vedette.standalone.cli.CommandFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Thousands of WebSockets on one thread with one selector, and the feed on the same thread. Closed sockets are counted, never opened again. */
final class Crowd implements AutoCloseable {
  /** Handshakes under way at a time. */
  private static final int WAVE = 100;

  /** With context takeover every message would have to be inflated by every socket; one in so many does, the others count. */
  private static final int LOOK_INTO = 50;

  private static final int KEYS_BETWEEN_LOOKS = 32;
  private static final int MAX_KNOWN = 4_096;

  private final Greeting greeting;
  private final int port;
  private final boolean offerDeflate;
  private final Source source;
  private final Tally tally;
  private final Selector selector;
  private final List<Client> clients = new ArrayList<>();
  private final ByteBuffer direct = ByteBuffer.allocateDirect(1 << 18);
  private final byte[] bytes = new byte[1 << 18];
  private final Map<Long, Inflation> known = new HashMap<>();
  private int wanted;
  private int openCount;
  private int lostCount;
  private int stalledLost;
  private double maxBehind = 100;
  private boolean deflated;
  private boolean context;
  private int keysSinceLook;
  private @Nullable String firstLoss;

  Crowd(Greeting greeting, int port, boolean offerDeflate, Source source, Tally tally)
      throws IOException {
    this.greeting = greeting;
    this.port = port;
    this.offerDeflate = offerDeflate;
    this.source = source;
    this.tally = tally;
    this.selector = Selector.open();
    source.listen(selector);
  }

  /** Opens sockets until there are {@code count}. */
  void grow(int count) throws IOException {
    wanted = count;
    long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (openCount < count) {
      while (clients.size() < count && clients.size() - openCount - lostCount < WAVE) {
        connect();
      }
      turn(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1));
      if (System.nanoTime() > endNs || lostCount > 0) {
        throw new CommandFailure("only " + openCount + " of " + count + " sockets opened; "
            + lostCount + " lost (" + firstLoss + ")");
      }
    }
  }

  private void connect() throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    Client client = new Client(this, clients.size(), channel);
    clients.add(client);
    channel.register(selector, SelectionKey.OP_CONNECT, client);
    channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /** Reads and publishes until a moment. */
  void turn(long untilNs) throws IOException {
    for (long nowNs = System.nanoTime(); nowNs < untilNs; nowNs = System.nanoTime()) {
      publish(nowNs);
      long waitMs = TimeUnit.NANOSECONDS.toMillis(
          Math.min(untilNs - nowNs, Math.min(source.waitNs(nowNs), 50_000_000)));
      if (waitMs > 0) {
        selector.select(this::ready, waitMs);
      } else {
        selector.selectNow(this::ready);
      }
    }
  }

  private void publish(long nowNs) throws IOException {
    int open = Math.max(1, openCount - lostCount);
    double behind = source.published() - (double) tally.accountedFor() / open;
    source.turn(nowNs, behind, maxBehind);
  }

  /** How many publications the average socket may be behind before the feed waits. */
  void bound(double publications) {
    maxBehind = publications;
  }

  private void ready(SelectionKey key) {
    if (key.attachment() instanceof Runnable other) {
      other.run();
      return;
    }
    Client client = (Client) key.attachment();
    try {
      if (key.isConnectable()) {
        client.channel().finishConnect();
        key.interestOps(SelectionKey.OP_READ);
        client.connected(greeting, offerDeflate);
        return;
      }
      direct.clear();
      int length = client.channel().read(direct);
      long nowNs = System.nanoTime();
      if (length < 0) {
        client.closed("end of stream");
        key.cancel();
        return;
      }
      direct.flip();
      direct.get(bytes, 0, length);
      tally.wire(length);
      client.received(bytes, length, nowNs);
      if (++keysSinceLook >= KEYS_BETWEEN_LOOKS) {
        keysSinceLook = 0;
        publish(nowNs);
      }
    } catch (IOException failure) {
      client.closed(failure.toString());
      key.cancel();
    }
  }

  /** Makes the first {@code count} sockets stop reading. */
  void stall(int count) {
    for (SelectionKey key : selector.keys()) {
      if (key.attachment() instanceof Client client && client.number() < count) {
        client.stall(key);
      }
    }
  }

  /** All read again, so that those the server gave up learn of it. */
  void resume() {
    for (SelectionKey key : selector.keys()) {
      if (key.isValid()) {
        key.interestOps(SelectionKey.OP_READ);
      }
    }
  }

  /** What a compressed message of a server without context says; equal bytes are inflated once. */
  Inflation inflated(byte[] payload, int from, int to) {
    long key = (long) to - from;
    for (int i = from; i < to; i++) {
      key = key * 1_000_003 + payload[i];
    }
    Inflation inflation = known.get(key);
    if (inflation == null) {
      if (known.size() >= MAX_KNOWN) {
        known.values().forEach(Inflation::close);
        known.clear();
      }
      inflation = new Inflation(false);
      inflation.inflate(payload, from, to);
      inflation.close();
      known.put(key, inflation);
    }
    return inflation;
  }

  boolean looksInto(int client) {
    return client % LOOK_INTO == 0;
  }

  void negotiated(boolean withDeflate, boolean withContext) {
    deflated = withDeflate;
    context = withContext;
  }

  boolean isDeflated() {
    return deflated;
  }

  boolean hasContext() {
    return context;
  }

  void opened() {
    openCount++;
  }

  void lost(int client, boolean stalled, String why) {
    lostCount++;
    if (stalled) {
      stalledLost++;
    }
    if (firstLoss == null) {
      firstLoss = "socket " + client + ": " + why;
    }
  }

  int lost() {
    return lostCount;
  }

  int stalledLost() {
    return stalledLost;
  }

  @Nullable
  String firstLoss() {
    return firstLoss;
  }

  int sockets() {
    return wanted;
  }

  int port() {
    return port;
  }

  String hello(int client) {
    return greeting.hello(client);
  }

  Tally tally() {
    return tally;
  }

  @Override
  public void close() throws IOException {
    for (Client client : clients) {
      client.release();
      client.channel().close();
    }
    known.values().forEach(Inflation::close);
    selector.close();
  }
}
