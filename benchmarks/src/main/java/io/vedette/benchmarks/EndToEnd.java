package io.vedette.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vedette.standalone.cli.CommandFailure;
import io.vedette.standalone.cli.RunningInstance;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Source to browser: posts records at a rate (open loop: a request that could not start on time counts from when it should have), waits for the durable acknowledgement, and measures from
 * there to the WebSocket frame that carries the record. A frame that came before its acknowledgement counts as 0.
 */
@Command(
    name = "e2e",
    description =
        "POST records at a rate; measure the durable acknowledgement and the time from there to the WebSocket frame.")
public final class EndToEnd implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int RING = 1 << 22;
  private static final long RECONNECT_MS = 50;

  @Option(
      names = "--data-dir",
      defaultValue = "data",
      description = "folder of the running instance (default: ./data)")
  private Path dataDir = Path.of("data");

  @Option(
      names = "--rate",
      defaultValue = "10000",
      description = "records per second (default: ${DEFAULT-VALUE})")
  private int rate;

  @Option(
      names = "--batch",
      defaultValue = "100",
      description = "records per request (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--connections",
      defaultValue = "16",
      description = "HTTP connections (default: ${DEFAULT-VALUE})")
  private int connections;

  @Option(
      names = "--seconds",
      defaultValue = "30",
      description = "length of the measured part (default: ${DEFAULT-VALUE})")
  private int seconds;

  @Option(
      names = "--warmup",
      defaultValue = "10",
      description = "seconds before it (default: ${DEFAULT-VALUE})")
  private int warmup;

  @Option(
      names = "--log",
      description = "send the lines of this file as messages instead of made audit records")
  private @Nullable Path log;

  @Option(
      names = "--sockets",
      defaultValue = "1",
      description =
          "WebSockets subscribed to records (default: ${DEFAULT-VALUE}); the first one measures")
  private int sockets;

  @Spec
  private CommandSpec spec = CommandSpec.create();

  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong frames = new AtomicLong();
  private final AtomicLong bytesOut = new AtomicLong();
  // By index modulo the ring: when the acknowledgement and the frame came, in nanoseconds;
  // whichever comes second measures.
  private final AtomicLongArray ackNs = new AtomicLongArray(RING);
  private final AtomicLongArray frameNs = new AtomicLongArray(RING);
  private final Latencies toAck = new Latencies();
  private final Latencies ackToFrame = new Latencies();
  private final AtomicLong closed = new AtomicLong();
  private volatile String closeReason = "";
  private volatile boolean measuring;
  private volatile boolean done;

  @Override
  public Integer call() throws IOException, InterruptedException, SQLException {
    RunningInstance instance = RunningInstance.require(dataDir);
    RecordMaker maker = new RecordMaker(log, 42);
    Vertx vertx = Vertx.vertx();
    try (TreeLag lag = new TreeLag(instance.databaseUrl())) {
      subscribe(vertx, instance);
      run(vertx, instance, maker);
      PrintWriter out = spec.commandLine().getOut();
      out.println("append -> tree     " + lag.summary());
      out.flush();
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
    return 0;
  }

  private void subscribe(Vertx vertx, RunningInstance instance) throws InterruptedException {
    WebSocketClient client = vertx.createWebSocketClient(new WebSocketClientOptions()
        .setMaxConnections(sockets)
        .setMaxFrameSize(1 << 20)
        .setMaxMessageSize(1 << 24));
    CountDownLatch open = new CountDownLatch(sockets);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    for (int i = 0; i < sockets; i++) {
      Listener listener = new Listener(i == 0);
      // On an event loop, so that the handlers are set before the next frame.
      vertx.runOnContext(go -> connect(vertx, client, instance, listener)
          .onFailure(failure::set)
          .onSuccess(opened -> open.countDown()));
    }
    if (!open.await(20, TimeUnit.SECONDS)) {
      throw new CommandFailure("only " + (sockets - open.getCount()) + " of " + sockets
          + " WebSockets opened: " + failure.get());
    }
  }

  /** One browser: goes on at the last position it saw when the edge closes its socket, as ours does. */
  private static final class Listener {
    final boolean measures;
    String position = "";

    Listener(boolean measures) {
      this.measures = measures;
    }
  }

  private Future<Void> connect(
      Vertx vertx, WebSocketClient client, RunningInstance instance, Listener listener) {
    WebSocketConnectOptions options = new WebSocketConnectOptions()
        .setAbsoluteURI(instance.edgeUrl().replaceFirst("^http", "ws") + "/monitor")
        .putHeader("Authorization", "Bearer " + instance.token());
    return client.connect(options).map(socket -> {
      socket.textMessageHandler(text -> onFrame(text, listener));
      socket.closeHandler(gone -> {
        if (!done) {
          closed.incrementAndGet();
          closeReason = socket.closeStatusCode() + " " + socket.closeReason();
          vertx.setTimer(RECONNECT_MS, id -> connect(vertx, client, instance, listener)
              .onFailure(e -> closeReason = "and not opened again: " + e));
        }
      });
      String from = listener.position.isEmpty() ? "new" : listener.position;
      socket.writeTextMessage(
          "{\"type\":\"register\",\"address\":\"records\",\"headers\":{\"sampling\":\"none\",\"position\":\""
              + from + "\"}}");
      return null;
    });
  }

  private void onFrame(String text, Listener listener) {
    if (!text.startsWith("{\"type\":\"rec\"") && !text.contains("\"rec\"")) {
      return;
    }
    frames.incrementAndGet();
    listener.position = position(text, listener.position);
    if (!listener.measures) {
      return;
    }
    long index = index(text);
    if (index < 0) {
      return;
    }
    long now = System.nanoTime();
    int slot = (int) (index % RING);
    frameNs.set(slot, now);
    long ack = ackNs.getAndSet(slot, 0);
    if (ack != 0 && measuring) {
      measured(now - ack);
    }
  }

  /** The trail index in the body, found without parsing the frame: the generator shares two cores with what it measures. */
  private static long index(String text) {
    int at = text.indexOf("\"index\":");
    if (at < 0) {
      return -1;
    }
    long value = 0;
    for (int i = at + 8; i < text.length() && Character.isDigit(text.charAt(i)); i++) {
      value = value * 10 + text.charAt(i) - '0';
    }
    return value;
  }

  private static String position(String text, String otherwise) {
    int at = text.indexOf("\"position\":\"");
    int end = at < 0 ? -1 : text.indexOf('"', at + 12);
    return end < 0 ? otherwise : text.substring(at + 12, end);
  }

  private void measured(long ns) {
    synchronized (ackToFrame) {
      ackToFrame.add(Math.max(0, ns) / 1000);
    }
  }

  private void run(Vertx vertx, RunningInstance instance, RecordMaker maker)
      throws InterruptedException, IOException {
    HttpClient http = vertx.createHttpClient(
        new HttpClientOptions().setKeepAlive(true), new PoolOptions().setHttp1MaxSize(connections));
    RequestOptions request = new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setAbsoluteURI(instance.collectorUrl() + "/v1/records")
        .putHeader("Authorization", "Bearer " + instance.token());
    byte[][] bodies = new byte[64][];
    for (int i = 0; i < bodies.length; i++) {
      bodies[i] = maker.body(batch);
    }
    long periodNs = TimeUnit.SECONDS.toNanos(1) * batch / rate;
    long startNs = System.nanoTime();
    long measureNs = startNs + TimeUnit.SECONDS.toNanos(warmup);
    long endNs = measureNs + TimeUnit.SECONDS.toNanos(seconds);
    AtomicLong inFlight = new AtomicLong();
    Context loop = vertx.getOrCreateContext();
    long ackedBefore = 0;
    long framesBefore = 0;
    ServerCpu cpuBefore = ServerCpu.now(instance);
    for (long n = 0; ; n++) {
      long dueNs = startNs + n * periodNs;
      if (dueNs >= endNs) {
        break;
      }
      long waitNs = dueNs - System.nanoTime();
      if (waitNs > 0) {
        TimeUnit.NANOSECONDS.sleep(waitNs);
      }
      if (!measuring && dueNs >= measureNs) {
        measuring = true;
        ackedBefore = acknowledged.get();
        framesBefore = frames.get();
        cpuBefore = ServerCpu.now(instance);
      }
      byte[] body = bodies[(int) (n % bodies.length)];
      inFlight.incrementAndGet();
      // A chain put together by this thread may come too late for the answer's body.
      loop.runOnContext(
          go -> send(http, request, body, dueNs).onComplete(done -> inFlight.decrementAndGet()));
    }
    long ackedInTime = acknowledged.get() - ackedBefore;
    long framesInTime = frames.get() - framesBefore;
    double took = (System.nanoTime() - measureNs) / 1e9;
    String cpu = ServerCpu.now(instance).since(cpuBefore, ackedInTime);
    for (int i = 0; i < 500 && (inFlight.get() > 0 || frames.get() < acknowledged.get()); i++) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    done = true;
    report(ackedInTime, framesInTime, took, inFlight.get(), cpu);
  }

  private Future<Void> send(HttpClient http, RequestOptions request, byte[] body, long dueNs) {
    return http.request(request)
        .compose(r -> r.send(Buffer.buffer(body)))
        .compose(response -> response.body().map(answer -> {
          if (response.statusCode() / 100 != 2) {
            refused.incrementAndGet();
            return null;
          }
          bytesOut.addAndGet(body.length);
          acknowledge(answer, System.nanoTime(), dueNs);
          return (Void) null;
        }))
        .onFailure(e -> refused.incrementAndGet());
  }

  private void acknowledge(Buffer answer, long nowNs, long dueNs) {
    JsonNode receipt;
    try {
      receipt = JSON.readTree(answer.getBytes());
    } catch (IOException e) {
      refused.incrementAndGet();
      return;
    }
    if (!receipt.path("accepted").canConvertToLong()) {
      refused.incrementAndGet(); // whatever answered, it was no collector
      return;
    }
    acknowledged.addAndGet(receipt.path("accepted").asLong());
    if (receipt.path("first_index").isMissingNode()) {
      return; // none of it
    }
    if (measuring) {
      synchronized (toAck) {
        toAck.add((nowNs - dueNs) / 1000);
      }
    }
    long last = receipt.path("last_index").asLong();
    for (long index = receipt.path("first_index").asLong(); index <= last; index++) {
      int slot = (int) (index % RING);
      long frame = frameNs.getAndSet(slot, 0);
      if (frame == 0) {
        ackNs.set(slot, nowNs);
      } else if (measuring) {
        measured(frame - nowNs);
      }
    }
  }

  private void report(long acked, long framed, double took, long open, String cpu) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("command            ./vedette "
        + String.join(" ", spec.root().commandLine().getParseResult().originalArgs()));
    out.printf(
        Locale.ROOT,
        "offered            %d records/s in requests of %d over %d connections, %d s after %d s of warm-up%n",
        rate,
        batch,
        connections,
        seconds,
        warmup);
    out.printf(
        Locale.ROOT,
        "acknowledged       %.0f records/s durably (%d requests refused, %d unanswered), %.1f MB sent in all%n",
        acked / took,
        refused.get(),
        open,
        bytesOut.get() / 1e6);
    out.printf(
        Locale.ROOT,
        "delivered          %.0f frames/s to %d WebSocket(s); in all %d of %d records acknowledged%n",
        framed / took,
        sockets,
        frames.get(),
        acknowledged.get());
    if (closed.get() > 0) {
      out.printf(
          "closed             %d times the edge closed a WebSocket, which went on at its position: %s%n",
          closed.get(), closeReason);
    }
    out.printf(
        Locale.ROOT, "%-18s %10s %10s %10s %10s %10s%n", "ms", "p50", "p99", "p99.9", "max", "n");
    synchronized (toAck) {
      row(out, "due -> ack", toAck);
    }
    synchronized (ackToFrame) {
      row(out, "ack -> frame", ackToFrame);
    }
    out.println("cost               " + cpu);
    out.flush();
  }

  private static void row(PrintWriter out, String what, Latencies latencies) {
    out.printf(
        Locale.ROOT,
        "%-18s %10.1f %10.1f %10.1f %10.1f %10d%n",
        what,
        latencies.quantile(0.5) / 1e3,
        latencies.quantile(0.99) / 1e3,
        latencies.quantile(0.999) / 1e3,
        latencies.quantile(1) / 1e3,
        latencies.size());
  }
}
