package io.vedette.edge.hub;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vedette.edge.filter.FilterCompiler;
import io.vedette.edge.filter.FilterIndex;
import io.vedette.edge.metric.EdgeMetrics;
import io.vedette.edge.protocol.CloseCode;
import io.vedette.edge.protocol.Frame;
import io.vedette.edge.protocol.FrameParser;
import io.vedette.edge.protocol.Position;
import io.vedette.edge.protocol.ServerFrames;
import io.vedette.edge.resume.Entry;
import io.vedette.edge.resume.Ring;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.metrics.StageTimer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A hub with the topic records, one lane and sockets that the test moves by hand. */
final class Stage {
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final EdgeMetrics metrics = new EdgeMetrics(registry, new StageTimer(registry));
  final Limits limits;
  final ManualLoop loop = new ManualLoop();
  final Lane lane;
  final TreeMap<Long, Entry> store = new TreeMap<>();

  /** Given in turn instead of what is in the store. */
  final Deque<CompletableFuture<List<Entry>>> answers = new ArrayDeque<>();

  final OrderedTopic records;
  final OrderedTopic alerts;
  final Hub hub;

  /** What compiles expressions waits until it is run by hand. */
  boolean holdsWorker;

  final Deque<Runnable> worker = new ArrayDeque<>();

  /** How long each evaluation of an expression takes; in turn, then the last for ever. */
  final Deque<Long> evaluationNs = new ArrayDeque<>();

  private long evaluatedNs;

  /** Of what is published; 0 for now. */
  long committedUs;

  private long timedNs() {
    Long took = evaluationNs.size() > 1 ? evaluationNs.remove() : evaluationNs.peek();
    evaluatedNs += took == null ? 0 : took;
    return evaluatedNs;
  }

  Stage(int ring, int maxFilters) {
    this(ring, maxFilters, 0);
  }

  Stage(int ring, int maxFilters, int sampleAbove) {
    this(ring, maxFilters, sampleAbove, 400);
  }

  Stage(int ring, int maxFilters, int sampleAbove, int replayPageBytes) {
    limits = new Limits(1 << 16, replayPageBytes, 10, 1000, 75_000, 10, 10, 100);
    lane = new Lane(loop, limits, metrics);
    records = new OrderedTopic(
        "records",
        0,
        false,
        new Ring(ring, 1 << 20),
        this::read,
        new FilterIndex(maxFilters, this::timedNs),
        sampleAbove);
    alerts = new OrderedTopic("alerts", 1, true, new Ring(ring, 1 << 20), this::read);
    hub = new Hub(
        List.of(records, alerts), limits, opened -> {}, closed -> {}, new FilterCompiler(task -> {
          if (holdsWorker) {
            worker.add(task);
          } else {
            task.run();
          }
        }));
  }

  private CompletionStage<List<Entry>> read(long from, int limit) {
    if (!answers.isEmpty()) {
      return answers.remove();
    }
    return CompletableFuture.completedFuture(
        store.tailMap(from).values().stream().limit(5).toList());
  }

  /** Entry {@code offset}, whose record is the given JSON. */
  static Entry entry(long offset, String record) {
    byte[] canonical = ServerFrames.utf8(record);
    byte[] body = ServerFrames.recordBody(offset, null, canonical);
    byte[] frame = ServerFrames.rec("records", new Position("e", offset).toString(), body);
    return Entry.of(offset, frame, body.length, canonical.length);
  }

  void stored(long offset, String record) {
    store.put(offset, entry(offset, record));
  }

  void publish(long offset, String... recordsOfOneBatch) {
    List<Entry> entries = new ArrayList<>();
    for (String record : recordsOfOneBatch) {
      entries.add(entry(offset + entries.size(), record));
    }
    records.publish(entries, loop.nowUs, committedUs > 0 ? committedUs : loop.nowUs);
  }

  Client client() {
    return new Client();
  }

  static final class ManualLoop implements Loop {
    final Deque<Runnable> later = new ArrayDeque<>();
    final List<Long> delaysMs = new ArrayList<>();
    long nowUs = 1_000_000;

    int executed;

    /** How far each look at the clock moves it. */
    long stepUs;

    @Override
    public void execute(Runnable task) {
      executed++;
      task.run();
    }

    @Override
    public void schedule(long delayMs, Runnable task) {
      delaysMs.add(delayMs);
      later.add(task);
    }

    @Override
    public long nowUs() {
      nowUs += stepUs;
      return nowUs;
    }
  }

  /** A session and its socket, which sends at once. */
  final class Client implements Outlet {
    final List<String> written = new ArrayList<>();
    /** What it was written, piece by piece; a frame made of several is {@link #writes one write}. */
    final List<Frame> frames = new ArrayList<>();

    final List<Frame> writes = new ArrayList<>();
    final Session session;
    long pending;

    /** Takes nothing more. */
    boolean deaf;

    /** How long a flush takes: what comes sooner than that after it waits for the next. */
    long flushCostUs;

    int flushes;

    @Nullable
    CloseCode closed;

    Client() {
      Principal viewer = new Principal("v", Set.of(Role.VIEWER), Set.of(1), Principal.NEVER, "v");
      Actions none = (principal, address, body) ->
          CompletableFuture.completedFuture(new Actions.Answer.Unknown("none"));
      session = new Session(
          "s",
          Session.Door.MONITOR,
          new Session.Identity(viewer, null),
          this,
          lane,
          hub,
          none,
          new FrameParser(200));
    }

    void register(String address, String headers) {
      session.receive(ServerFrames.utf8(
          "{\"type\":\"register\",\"address\":\"" + address + "\",\"headers\":{" + headers + "}}"));
    }

    /** Lets everything that waits for a turn have it. */
    void settle() {
      while (!loop.later.isEmpty()) {
        loop.later.remove().run();
      }
    }

    List<Long> offsets() {
      return written.stream()
          .filter(text -> text.startsWith("{\"type\":\"rec\""))
          .map(text -> Long.parseLong(text.replaceAll(".*\"position\":\"e:(-?\\d+)\".*", "$1")))
          .toList();
    }

    String last() {
      return written.get(written.size() - 1);
    }

    @Override
    public void write(Frame frame) {
      writes.add(frame);
      frames.addAll(frame.parts().isEmpty() ? List.of(frame) : frame.parts());
      pending += deaf ? frame.length() : 0;
      frame.messages().forEach(message -> written.add(new String(message, StandardCharsets.UTF_8)));
    }

    @Override
    public void write(Frame frame, Runnable sent) {
      write(frame);
      loop.later.add(sent);
    }

    @Override
    public void flush() {
      flushes++;
      loop.nowUs += flushCostUs;
    }

    @Override
    public long pendingBytes() {
      return pending;
    }

    @Override
    public void ping() {}

    @Override
    public void close(CloseCode code, String reason) {
      closed = code;
    }
  }
}
