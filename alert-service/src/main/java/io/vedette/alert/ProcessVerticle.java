package io.vedette.alert;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.lifecycle.AlertState;
import io.vedette.alert.lifecycle.Change;
import io.vedette.alert.notify.AlertBook;
import io.vedette.alert.notify.Changes;
import io.vedette.alert.pulse.Pulse;
import io.vedette.alert.wire.AlertJson;
import io.vedette.alert.wire.GroupJson;
import io.vedette.alert.wire.PostedJson;
import io.vedette.alert.wire.SilenceJson;
import io.vedette.model.Finding;
import io.vedette.model.Publication;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.metrics.Stage;
import io.vedette.runtime.metrics.StageTimer;
import io.vedette.store.alert.AlertRow;
import io.vedette.store.alert.GroupRow;
import io.vedette.store.alert.InboxRow;
import io.vedette.store.alert.SilenceRow;
import io.vedette.store.lease.Lease;
import io.vedette.store.lease.LeaseLostException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns findings, posts, requests and time into alerts, one step after the other, while this process holds the trail's lease. Each step is one transaction; when one fails, its book is thrown away and
 * made again from the rows.
 */
final class ProcessVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessVerticle.class);
  private static final long TICK_MS = 100;
  private static final long READ_EVERY_US = 1_000_000;
  private static final long HOLD_US = 500_000;
  private static final int PAGE = 500;
  private static final int MAX_REQUESTS = 256;
  private static final int MAX_SILENCES_READ = 20_000;

  private final Stores stores;
  private final Lease lease;
  private final Setup setup;
  private final MeterRegistry metrics;
  private final StageTimer stages;
  private final Counters counters;
  private final Waiting waiting;
  private final StepWriter writer;
  private final Runnable onLost;
  private final Pulse pulse;

  private final Deque<Request> requests = new ArrayDeque<>();
  private final List<MessageConsumer<?>> consumers = new ArrayList<>();
  private final List<Meter> gauges = new ArrayList<>();
  private @Nullable AlertBook book;
  private volatile Map<AlertState, Integer> counts = Map.of();
  private Future<Void> step = Future.succeededFuture();
  private boolean stepping = true;
  private long holdUntilUs;
  private boolean stopping;
  private boolean wake = true;
  private long readUs;
  private boolean failing;
  private long ticker = -1;

  ProcessVerticle(
      Stores stores,
      Lease lease,
      Setup setup,
      MeterRegistry metrics,
      StageTimer stages,
      Waiting waiting,
      Runnable onLost) {
    this.stores = stores;
    this.lease = lease;
    this.setup = setup;
    this.metrics = metrics;
    this.stages = stages;
    this.counters = new Counters(metrics);
    this.waiting = waiting;
    this.writer = new StepWriter(stores, lease);
    this.onLost = onLost;
    this.pulse = new Pulse(lease.trail(), setup.trailSilentAfter());
  }

  @Override
  public Future<?> start() {
    for (AlertState state : AlertState.values()) {
      if (state != AlertState.RESOLVED) {
        gauges.add(
            Gauge.builder("vedette.alert.alerts.current", () -> counts.getOrDefault(state, 0))
                .description("Alerts that hold, by state")
                .tag("state", state.text())
                .register(metrics));
      }
    }
    consumers.add(vertx
        .eventBus()
        .consumer(Addresses.FINDING_RAISED, (Message<Publication> message) -> wakeUp()));
    consumers.add(
        vertx.eventBus().consumer(AlertService.POSTED, (Message<Object> message) -> wakeUp()));
    answer(Addresses.ALERT_ACKNOWLEDGE, Deeds::acknowledge);
    answer(Addresses.SILENCE_CREATE, Deeds::silence);
    answer(Addresses.SILENCE_EXPIRE, Deeds::expire);
    return Future.all(consumers.stream().map(MessageConsumer::completion).toList())
        .compose(listening -> load())
        .onSuccess(loaded -> {
          stepping = false;
          ticker = vertx.setPeriodic(TICK_MS, id -> tick());
        });
  }

  @Override
  public Future<?> stop() {
    stopping = true;
    vertx.cancelTimer(ticker);
    gauges.forEach(metrics::remove);
    return Future.join(consumers.stream().map(MessageConsumer::unregister).toList())
        .eventually(() -> step)
        .eventually(() -> {
          refuseAll("the alert service hands over: try again");
          return Future.succeededFuture();
        });
  }

  /** A deed of a kind, made from the body of its request and the principal. */
  @FunctionalInterface
  private interface DeedMaker {
    Request.Deed make(JsonObject body, String principal);
  }

  private void answer(String address, DeedMaker maker) {
    consumers.add(vertx.eventBus().consumer(address, (Message<JsonObject> message) -> {
      try {
        String principal = authorised(message);
        ask(maker.make(message.body(), principal))
            .onSuccess(message::reply)
            .onFailure(refused -> refuse(message, refused));
      } catch (RuntimeException refused) {
        refuse(message, refused);
      }
    }));
  }

  private String authorised(Message<JsonObject> message) {
    String principal = message.headers().get(Addresses.PRINCIPAL);
    String role = message.headers().get(Addresses.ROLE);
    String trail = message.headers().get(Addresses.TRAIL);
    boolean allowed = role != null
        && Role.parse(role).filter(has -> has.allows(Role.OPERATOR)).isPresent();
    if (principal == null || principal.isEmpty() || !allowed) {
      throw new Request.Refusal(
          403, "role: " + role + " (expected: operator or admin, and a principal)");
    }
    if (!Integer.toString(lease.trail()).equals(trail)) {
      throw new Request.Refusal(404, "trail: " + trail + " (expected: " + lease.trail() + ")");
    }
    return principal;
  }

  private static void refuse(Message<?> message, Throwable refused) {
    if (refused instanceof Request.Refusal refusal) {
      message.fail(refusal.code(), refusal.getMessage());
    } else {
      message.fail(503, "not done (" + refused.getMessage() + "): try again");
    }
  }

  private Future<JsonObject> ask(Request.Deed deed) {
    if (stopping || requests.size() >= MAX_REQUESTS) {
      counters.requestRefused();
      return Future.failedFuture(new Request.Refusal(
          503, requests.size() + " requests wait already (expected: fewer; try again)"));
    }
    Promise<JsonObject> answer = Promise.promise();
    requests.add(new Request(deed, answer));
    wakeUp();
    return answer.future();
  }

  private void wakeUp() {
    wake = true;
    tick();
  }

  private void tick() {
    if (stepping || stopping || stores.clock().nowUs() < holdUntilUs) {
      return;
    }
    stepping = true;
    step = (book == null ? load() : Future.<Void>succeededFuture())
        .compose(loaded -> turn())
        .onSuccess(done -> noteRecovered())
        .onFailure(this::startOver)
        .otherwiseEmpty()
        .onComplete(done -> {
          stepping = false;
          if (wake && book != null && !stopping) {
            vertx.runOnContext(next -> tick());
          }
        });
  }

  private Future<Void> load() {
    int trail = lease.trail();
    long nowUs = stores.clock().nowUs();
    return Future.all(
            stores.alerts().cursors(trail),
            stores.alerts().unsettled(trail),
            stores.silences().endingAfter(trail, nowUs, MAX_SILENCES_READ),
            stores.alerts().groups(trail))
        .map(rows -> {
          Map<Integer, Long> cursors = rows.resultAt(0);
          List<AlertRow> alerts = rows.resultAt(1);
          List<SilenceRow> silences = rows.resultAt(2);
          List<GroupRow> groups = rows.resultAt(3);
          book = new AlertBook(
              setup.routing(),
              cursors,
              alerts.stream()
                  .map(row -> AlertJson.decode(new JsonObject(row.json())))
                  .toList(),
              silences.stream().map(SilenceJson::decode).toList(),
              groups.stream().map(GroupJson::decode).toList(),
              nowUs,
              () -> UUID.randomUUID().toString(),
              target -> waiting.of(target) >= setup.maxWaiting());
          wake = true;
          return null;
        });
  }

  /** One step: read, decide, write, announce. */
  private Future<Void> turn() {
    AlertBook current = book;
    if (current == null) {
      return Future.succeededFuture();
    }
    long nowUs = stores.clock().nowUs();
    boolean read = wake || nowUs - readUs >= READ_EVERY_US;
    wake = false;
    if (!read) {
      return commit(current, List.of(), List.of(), nowUs);
    }
    UUID self = stores.appender().ownAppender();
    readUs = nowUs;
    return Future.all(
            stores.findings().after(lease.trail(), current.cursors(), PAGE),
            stores.alerts().inbox(lease.trail(), PAGE),
            stores.alerts().newestBatch(lease.trail(), self))
        .compose(rows -> {
          List<Finding> findings = rows.resultAt(0);
          List<InboxRow> inbox = rows.resultAt(1);
          long newestBatch = rows.<Long>resultAt(2);
          long readAtUs = stores.clock().nowUs();
          pulse
              .look(newestBatch, current.alert(pulse.fingerprint()), readAtUs)
              .ifPresent(posted -> current.onPosted(posted, readAtUs));
          wake |= findings.size() >= PAGE || inbox.size() >= PAGE;
          return commit(current, findings, inbox, readAtUs);
        });
  }

  private Future<Void> commit(
      AlertBook current, List<Finding> findings, List<InboxRow> inbox, long nowUs) {
    findings.forEach(finding -> current.onFinding(finding, nowUs));
    for (InboxRow row : inbox) {
      current.onPosted(PostedJson.decode(new JsonObject(row.json())), nowUs);
    }
    Map<Request, JsonObject> answers = new HashMap<>();
    for (Request request = requests.poll(); request != null; request = requests.poll()) {
      try {
        answers.put(request, request.deed().on(current, nowUs));
      } catch (Request.Refusal refusal) {
        request.answer().fail(refusal);
      }
    }
    Changes changes = current.take(nowUs);
    Future<StepWriter.Written> written = changes.isEmpty() && inbox.isEmpty()
        ? Future.succeededFuture(new StepWriter.Written(null, List.of(), 0))
        : writer.write(changes, inbox.stream().map(InboxRow::id).toList(), nowUs);
    return written
        .onSuccess(done -> {
          announce(done);
          measure(current, changes, findings, done);
          answers.forEach((request, answer) -> request.answer().complete(answer));
        })
        .onFailure(lost -> answers.keySet().forEach(request -> request.answer().fail(lost)))
        .mapEmpty();
  }

  private void announce(StepWriter.Written written) {
    if (written.batch() != null) {
      stores.appender().announce(written.batch());
    }
    for (Publication publication : written.publications()) {
      vertx.eventBus().publish(Addresses.ALERT_CHANGED, publication);
    }
  }

  private void measure(
      AlertBook current, Changes changes, List<Finding> findings, StepWriter.Written written) {
    long nowUs = stores.clock().nowUs();
    for (Finding finding : findings) {
      long raisedUs = finding.stamps().committedUs();
      stages.record(Stage.ALERT, raisedUs > 0 ? raisedUs : readUs, nowUs, 0, 1);
    }
    stages.record(Stage.ALERT, 0, nowUs, written.bytes(), 0);
    counters.found(findings.size());
    for (Change change : changes.alerts()) {
      counters.changed(change.kind());
    }
    if (!changes.outbox().isEmpty()) {
      changes.outbox().forEach(one -> waiting.add(one.receiver() + "/" + one.integration(), 1));
      vertx.eventBus().publish(AlertService.QUEUED, new JsonObject());
    }
    if (!changes.alerts().isEmpty() || counts.isEmpty()) {
      Map<AlertState, Integer> now = new HashMap<>();
      for (Alert alert : current.alerts()) {
        now.merge(alert.state(), 1, Integer::sum);
      }
      counts = now;
    }
  }

  private void noteRecovered() {
    if (failing) {
      failing = false;
      LOG.info("alerts are processed again trail={}", lease.trail());
    }
  }

  private void startOver(Throwable cause) {
    book = null;
    wake = true;
    if (cause instanceof LeaseLostException) {
      refuseAll("another alert service took over: try again");
      onLost.run();
      return;
    }
    holdUntilUs = stores.clock().nowUs() + HOLD_US;
    counters.stepFailed();
    if (!failing) {
      failing = true;
      LOG.warn(
          "alerts cannot be processed, trying again trail={} cause={}",
          lease.trail(),
          cause.toString());
      LOG.debug("its cause", cause);
    }
  }

  private void refuseAll(String reason) {
    for (Request request = requests.poll(); request != null; request = requests.poll()) {
      request.answer().fail(new Request.Refusal(503, reason));
    }
  }
}
