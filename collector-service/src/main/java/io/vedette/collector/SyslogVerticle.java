package io.vedette.collector;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.vedette.collector.append.Admission;
import io.vedette.collector.append.Losses;
import io.vedette.collector.append.Offer;
import io.vedette.collector.append.Settlement;
import io.vedette.collector.decode.SyslogDecoder;
import io.vedette.collector.process.Pipeline;
import io.vedette.collector.process.Step;
import io.vedette.collector.source.syslog.KernelDrops;
import io.vedette.collector.source.syslog.SyslogFramer;
import io.vedette.model.CanonicalRecord;
import io.vedette.model.Decoded;
import io.vedette.model.Flags;
import io.vedette.model.RecordDraft;
import io.vedette.model.Rejection;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.metrics.Stage;
import io.vedette.runtime.metrics.StageTimer;
import io.vedette.store.MicroClock;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramPacket;
import io.vertx.core.datagram.DatagramSocket;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Syslog over UDP and TCP on one port. TCP senders are not read while the trail is full; a datagram that cannot wait is dropped, counted and declared. */
final class SyslogVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(SyslogVerticle.class);
  private static final int OFFER_RECORDS = 250;
  private static final int MAX_MESSAGE_BYTES = 64 * 1024;
  private static final int UDP_BUFFER_BYTES = 4 << 20;
  private static final int IDLE_SECONDS = 3_600;
  private static final long RETRY_MS = 50;
  private static final long DROPS_EVERY_MS = 1_000;
  private static final Path UDP_TABLE = Path.of("/proc/net/udp");
  private static final int MAX_UDP_PORT_TRIES = 10;

  private final ServiceContext service;
  private final String source;
  private final int trail;
  private final AppendVerticle append;
  private final QuarantineDesk quarantine;
  private final Losses losses;
  private final SourceMeters meters;
  private final StageTimer stages;
  private final MicroClock clock;
  private final SyslogDecoder decoder = new SyslogDecoder(ZoneId.systemDefault());
  private final Pipeline pipeline = Pipeline.of(List.of("auth"));
  private final int maxConnections;
  private final Counter dropped;
  private final Counter refusedConnections;

  private final Set<Sender> senders = new LinkedHashSet<>();
  private volatile int connections;
  private List<CanonicalRecord> datagrams = new ArrayList<>();
  private long datagramsSinceUs;
  private boolean flushing;
  private boolean stopping;
  private @Nullable NetServer tcp;
  private @Nullable DatagramSocket udp;
  private long dropWatch = -1;
  private long kernelDrops = -1;

  SyslogVerticle(
      ServiceContext service,
      String source,
      AppendVerticle append,
      QuarantineDesk quarantine,
      Losses losses,
      StageTimer stages,
      MicroClock clock) {
    this.service = service;
    this.source = source;
    this.trail = service.config().get(CollectorConfig.TRAIL);
    this.append = append;
    this.quarantine = quarantine;
    this.losses = losses;
    this.stages = stages;
    this.clock = clock;
    this.meters = new SourceMeters(service.metrics(), "syslog");
    this.maxConnections = service.config().get(CollectorConfig.SYSLOG_MAX_CONNECTIONS);
    this.dropped = Counter.builder("vedette_collector_datagram_dropped_total")
        .description("Syslog datagrams lost, here or in the kernel")
        .register(service.metrics());
    this.refusedConnections = Counter.builder("vedette_collector_syslog_connection_refused_total")
        .description("TCP senders beyond the limit")
        .register(service.metrics());
    Gauge.builder("vedette_collector_syslog_connections", this, verticle -> verticle.connections)
        .description("TCP senders of syslog")
        .register(service.metrics());
  }

  @Override
  public Future<?> start() {
    dropWatch = vertx.setPeriodic(DROPS_EVERY_MS, id -> watchKernelDrops());
    return listen(service.config().get(CollectorConfig.SYSLOG_PORT), 1);
  }

  /** TCP first; with a port of its own choice UDP may find it taken, then another is tried. */
  private Future<?> listen(int port, int attempt) {
    String host = service.http().bindHost();
    NetServer server = vertx
        .createNetServer(
            new NetServerOptions().setHost(host).setPort(port).setIdleTimeout(IDLE_SECONDS))
        .connectHandler(this::connected)
        .exceptionHandler(
            failure -> log.debug("syslog connection failed cause={}", failure.toString()));
    return server
        .listen()
        .compose(listening -> {
          DatagramSocket socket = vertx.createDatagramSocket(new DatagramSocketOptions()
              .setReceiveBufferSize(UDP_BUFFER_BYTES)
              .setIpV6(host.contains(":")));
          socket.handler(this::datagram);
          socket.exceptionHandler(
              failure -> log.debug("syslog datagram failed cause={}", failure.toString()));
          return socket
              .listen(listening.actualPort(), host)
              .onSuccess(open -> {
                tcp = listening;
                udp = open;
              })
              .recover(failure -> listening
                  .close()
                  .compose(closed -> port == 0 && attempt < MAX_UDP_PORT_TRIES
                      ? listen(0, attempt + 1).mapEmpty()
                      : Future.failedFuture(failure)));
        })
        .recover(failure ->
            service.http().explain(failure, host, port, CollectorConfig.SYSLOG_PORT.path()));
  }

  int port() {
    NetServer listening = tcp;
    return listening == null ? -1 : listening.actualPort();
  }

  /** What was received is offered once more; what is not taken then is a loss, to be declared. */
  @Override
  public Future<?> stop() {
    vertx.cancelTimer(dropWatch);
    stopping = true;
    List.copyOf(senders).forEach(sender -> sender.socket.resume());
    NetServer listening = tcp;
    DatagramSocket socket = udp;
    Future<?> tcpClosed = listening == null ? Future.succeededFuture() : listening.close();
    return tcpClosed
        .eventually(() -> socket == null ? Future.succeededFuture() : socket.close())
        .eventually(this::afterWhatIsDelivered)
        .eventually(() -> {
          flushDatagrams();
          List.copyOf(senders).forEach(Sender::gone);
          return Future.succeededFuture();
        });
  }

  private Future<Void> afterWhatIsDelivered() {
    Promise<Void> delivered = Promise.promise();
    context.runOnContext(delivered::complete);
    return delivered.future();
  }

  private void datagram(DatagramPacket packet) {
    long nowUs = clock.nowUs();
    byte[] bytes = packet.data().getBytes();
    CanonicalRecord record =
        record(bytes, 0, bytes.length, packet.sender().hostAddress(), false, nowUs);
    if (record == null) {
      return;
    }
    if (datagrams.isEmpty()) {
      datagramsSinceUs = nowUs;
    }
    datagrams.add(record);
    if (datagrams.size() >= OFFER_RECORDS) {
      flushDatagrams();
    } else if (!flushing) {
      flushing = true; // after what the socket has already
      context.runOnContext(ignored -> {
        flushing = false;
        flushDatagrams();
      });
    }
  }

  private void flushDatagrams() {
    if (datagrams.isEmpty()) {
      return;
    }
    List<CanonicalRecord> records = datagrams;
    datagrams = new ArrayList<>();
    Admission admission = append.offer(
        trail,
        Offer.records(
            source,
            records,
            datagramsSinceUs,
            settlement -> settled(settlement, records.size(), true)));
    if (admission instanceof Admission.Pushback pushback) {
      drop(records.size(), pushback.reason().text(), pushback.reason().detail());
    }
  }

  private void drop(long count, String reason, String cause) {
    dropped.increment((double) count);
    meters.pushedBack(reason, count);
    losses.add(source, "datagrams dropped: " + cause, count, clock.nowUs());
  }

  /** On the context of the append. */
  private void settled(Settlement settlement, int count, boolean datagram) {
    if (settlement instanceof Settlement.Appended appended) {
      meters.admitted(appended.count());
      meters.rejected("refused-by-database", appended.quarantined());
    } else {
      String cause =
          settlement instanceof Settlement.Refused refused ? refused.reason() : "conflict";
      meters.pushedBack("refused", count);
      losses.add(
          source,
          (datagram ? "datagrams" : "messages") + " not appended: " + cause,
          count,
          clock.nowUs());
    }
  }

  private @Nullable CanonicalRecord record(
      byte[] bytes, int from, int to, @Nullable String peer, boolean cut, long nowUs) {
    meters.received(1, to - from);
    Decoded decoded = decoder.decode(bytes, from, to, nowUs, peer);
    if (decoded instanceof Rejection rejection) {
      meters.rejected(rejection.reason().text(), 1);
      quarantine.keep(
          trail, source, rejection, java.util.Arrays.copyOfRange(bytes, from, to), nowUs);
      return null;
    }
    long decodedUs = clock.nowUs();
    stages.record(Stage.COLLECT, nowUs, decodedUs, to - from, 1);
    RecordDraft draft = (RecordDraft) decoded;
    if (cut) {
      draft = draft.toBuilder().flag(Flags.SPLIT).build();
    }
    CanonicalRecord record = null;
    if (pipeline.apply(draft) instanceof Step.Kept kept) {
      record = CanonicalRecord.of(kept.record(), source);
    } else {
      meters.rejected("dropped-by-step", 1);
    }
    stages.record(Stage.PROCESS, decodedUs, clock.nowUs(), to - from, 1);
    return record;
  }

  private void connected(NetSocket socket) {
    if (senders.size() >= maxConnections) {
      refusedConnections.increment();
      socket.close();
      return;
    }
    Sender sender = new Sender(socket);
    senders.add(sender);
    connections = senders.size();
  }

  /** One TCP sender: what it sent and the trail has not taken waits here, and then it is not read. It counts as one until that is settled, connected or not. */
  private final class Sender implements SyslogFramer.Sink {
    private final NetSocket socket;
    private final String peer;
    private final SyslogFramer framer = new SyslogFramer(MAX_MESSAGE_BYTES);
    private List<CanonicalRecord> ready = new ArrayList<>();
    private long sinceUs;
    private boolean asked;
    private boolean waiting;
    private boolean ended;

    Sender(NetSocket socket) {
      this.socket = socket;
      this.peer = socket.remoteAddress().hostAddress();
      socket.handler(this::bytes);
      socket.exceptionHandler(
          failure -> log.debug("syslog sender failed peer={} cause={}", peer, failure.toString()));
      socket.endHandler(end -> gone()); // after all that it sent, which a paused socket still holds
    }

    private void bytes(Buffer buffer) {
      sinceUs = clock.nowUs();
      byte[] bytes = buffer.getBytes();
      framer.feed(bytes, 0, bytes.length, this);
      if (ready.size() >= OFFER_RECORDS) {
        flush();
      } else if (!ready.isEmpty() && !asked) {
        asked = true;
        context.runOnContext(ignored -> {
          asked = false;
          flush();
        });
      }
    }

    @Override
    public void message(byte[] bytes, int from, int to, boolean cut) {
      CanonicalRecord record = record(bytes, from, to, peer, cut, sinceUs);
      if (record != null) {
        ready.add(record);
      }
    }

    private void flush() {
      if (ready.isEmpty() || (waiting && !stopping)) {
        return;
      }
      List<CanonicalRecord> records = ready;
      Admission admission = append.offer(
          trail,
          Offer.records(
              source, records, sinceUs, settlement -> settled(settlement, records.size(), false)));
      if (!(admission instanceof Admission.Pushback pushback)) {
        ready = new ArrayList<>();
      } else if (stopping || pushback.reason() == Admission.Reason.STOPPING) {
        lose(pushback.reason());
      } else {
        waiting = true;
        socket.pause();
        vertx.setTimer(RETRY_MS, id -> retry());
      }
    }

    private void retry() {
      waiting = false;
      flush();
      if (ended) {
        leaveWhenSettled();
      } else if (!waiting) {
        socket.resume();
      }
    }

    private void lose(Admission.Reason reason) {
      meters.pushedBack(reason.text(), ready.size());
      losses.add(source, "messages not taken: " + reason.detail(), ready.size(), clock.nowUs());
      ready = new ArrayList<>();
    }

    private void gone() {
      ended = true;
      sinceUs = clock.nowUs();
      framer.end(this);
      flush();
      leaveWhenSettled();
    }

    private void leaveWhenSettled() {
      if (ready.isEmpty()) {
        senders.remove(this);
        connections = senders.size();
      }
    }
  }

  private void watchKernelDrops() {
    int port = port();
    if (port < 0 || !Files.isReadable(UDP_TABLE)) {
      return;
    }
    vertx
        .executeBlocking(
            () -> KernelDrops.of(Files.readAllLines(UDP_TABLE, StandardCharsets.ISO_8859_1), port),
            false)
        .onSuccess(drops -> {
          if (kernelDrops >= 0 && drops > kernelDrops) {
            dropped.increment((double) (drops - kernelDrops));
            losses.add(
                source,
                "datagrams dropped: the kernel's buffer was full",
                drops - kernelDrops,
                clock.nowUs());
          }
          kernelDrops = drops;
        })
        .onFailure(failure -> log.debug("kernel drops not readable cause={}", failure.toString()));
  }
}
