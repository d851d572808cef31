package io.vedette.benchmarks.edge;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** One server with its crowd, from before the sockets to the last figure. */
final class Measurement implements AutoCloseable {
  private static final int SETTLE_MS = 1_000;

  private final Contender contender;
  private final Server server;
  private final Feed feed;
  private final Crowd crowd;
  private final long baseKb;
  private final boolean deflate;
  private long idleKb;
  private double startCpu;
  private double startOwnCpu;
  private long startNs;
  private long startHeld;

  Measurement(Contender contender, Setup setup, Payloads payloads, boolean deflate)
      throws IOException {
    this.contender = contender;
    this.deflate = deflate;
    this.server =
        Server.start(contender, setup, deflate, payloads.topic() == Topic.RECORDS ? 20 : 100);
    try {
      this.feed = new Feed(contender, payloads, server.feedPort());
      boolean several = contender == Contender.SOCKJS || payloads.topic() == Topic.STATISTICS;
      this.crowd = new Crowd(
          contender.greeting(payloads.topic()),
          server.port(),
          deflate,
          feed,
          new Tally(payloads.topic(), feed, several, true));
    } catch (IOException | RuntimeException failure) {
      server.close();
      throw failure;
    }
    settle();
    this.baseKb = server.rssKb();
  }

  /** Opens sockets and looks at the memory they take. */
  void sockets(int count) throws IOException {
    crowd.grow(count);
    settle();
    idleKb = server.rssKb();
  }

  private void settle() throws IOException {
    run(TimeUnit.MILLISECONDS.toNanos(SETTLE_MS));
  }

  private void run(long forNs) throws IOException {
    crowd.turn(System.nanoTime() + forNs);
  }

  void seconds(double seconds) throws IOException {
    run((long) (seconds * 1e9));
  }

  void begin() {
    startCpu = server.cpuSeconds();
    startOwnCpu = Proc.cpuSeconds(ProcessHandle.current().pid(), false);
    startNs = System.nanoTime();
    startHeld = feed.held();
    crowd.tally().begin(startNs);
  }

  Row end(String scenario, int round, double offered) {
    double seconds = (System.nanoTime() - startNs) / 1e9;
    Tally tally = crowd.tally();
    Row row = new Row(
        scenario,
        round,
        contender.word(),
        crowd.sockets(),
        offered,
        seconds,
        tally.deliveries(),
        server.cpuSeconds() - startCpu,
        Proc.cpuSeconds(ProcessHandle.current().pid(), false) - startOwnCpu,
        tally.ages().quantileMs(0.5),
        tally.ages().quantileMs(0.99),
        tally.ages().quantileMs(1),
        tally.wireBytes(),
        tally.messages(),
        baseKb,
        idleKb,
        server.rssKb(),
        tally.missed(),
        tally.repeated(),
        feed.held() - startHeld,
        crowd.lost());
    tally.end();
    if (deflate && !crowd.isDeflated()) {
      System.err.println("  " + contender.word() + " did not take compression");
    }
    if (crowd.firstLoss() != null) {
      System.err.println("  lost " + crowd.firstLoss());
    }
    return row;
  }

  Server server() {
    return server;
  }

  Feed feed() {
    return feed;
  }

  Crowd crowd() {
    return crowd;
  }

  long baseKb() {
    return baseKb;
  }

  @Override
  public void close() throws IOException {
    server.close();
    feed.close();
    crowd.close();
  }
}
