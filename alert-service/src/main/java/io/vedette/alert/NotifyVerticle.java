package io.vedette.alert;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.alert.ResultRecorder.Recorded;
import io.vedette.alert.ResultRecorder.Verdict;
import io.vedette.alert.notify.Delivery;
import io.vedette.alert.notify.Delivery.Trouble;
import io.vedette.alert.notify.Integration;
import io.vedette.alert.notify.Message;
import io.vedette.alert.notify.Sender;
import io.vedette.alert.notify.Throttle;
import io.vedette.alert.wire.NoticeJson;
import io.vedette.alert.wire.Times;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.metrics.Stage;
import io.vedette.runtime.metrics.StageTimer;
import io.vedette.store.alert.NotificationRow;
import io.vedette.store.alert.Outbox;
import io.vedette.store.lease.Lease;
import io.vedette.store.lease.LeaseLostException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what the outbox holds while this process holds the trail's lease: claim (pending to sending, fenced), send, record. A row that somebody left in sending has an unknown outcome and is sent again,
 * saying so.
 */
final class NotifyVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(NotifyVerticle.class);
  private static final long TICK_MS = 200;
  private static final long COUNT_EVERY_MS = 5_000;
  private static final long RECORD_AGAIN_MS = 500;
  private static final int PAGE = 100;

  private final Stores stores;
  private final Lease lease;
  private final Setup setup;
  private final MeterRegistry metrics;
  private final StageTimer stages;
  private final Counters counters;
  private final Waiting waiting;
  private final ResultRecorder recorder;
  private final Runnable onLost;

  private final Throttle throttle = new Throttle();
  private final Map<String, Sender> senders = new HashMap<>();
  private final Map<String, Future<Void>> inFlight = new HashMap<>();
  private final List<Meter> gauges = new ArrayList<>();
  private @Nullable MessageConsumer<Object> queued;
  private Future<Void> poll = Future.succeededFuture();
  private boolean polling;
  private boolean again;
  private boolean recovered;
  private boolean stopping;
  private boolean failing;
  private long ticker = -1;
  private long counter = -1;

  NotifyVerticle(
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
    this.recorder = new ResultRecorder(stores);
    this.onLost = onLost;
  }

  @Override
  public Future<?> start() {
    gauges.add(Gauge.builder("vedette.alert.notifications.waiting", waiting, Waiting::total)
        .description("Notifications to be sent")
        .register(metrics));
    setup
        .integrations()
        .forEach((target, one) -> senders.put(target, one.opener().apply(vertx)));
    MessageConsumer<Object> consumer =
        vertx.eventBus().consumer(AlertService.QUEUED, message -> tick());
    queued = consumer;
    ticker = vertx.setPeriodic(TICK_MS, id -> tick());
    counter = vertx.setPeriodic(COUNT_EVERY_MS, id -> count());
    return consumer.completion().onSuccess(listening -> tick());
  }

  /** Waits for what is being sent: each of these is bounded by its integration's time-out. */
  @Override
  public Future<?> stop() {
    stopping = true;
    vertx.cancelTimer(ticker);
    vertx.cancelTimer(counter);
    gauges.forEach(metrics::remove);
    MessageConsumer<Object> consumer = queued;
    Future<?> unregistered = consumer == null ? Future.succeededFuture() : consumer.unregister();
    return unregistered
        .eventually(() -> poll)
        .eventually(() -> Future.join(new ArrayList<>(inFlight.values())))
        .eventually(
            () -> Future.join(senders.values().stream().map(Sender::close).toList()));
  }

  private void tick() {
    if (polling || stopping) {
      again = true;
      return;
    }
    polling = true;
    again = false;
    poll = (recovered ? Future.<Void>succeededFuture() : recover())
        .compose(ready -> due())
        .onSuccess(this::noteWorking)
        .onFailure(this::noteFailing)
        .<Void>mapEmpty()
        .otherwiseEmpty()
        .onComplete(done -> {
          polling = false;
          if (again && !failing && !stopping) {
            vertx.runOnContext(next -> tick());
          }
        });
  }

  /** Rows left in sending by an owner that is gone. */
  private Future<Void> recover() {
    return stores
        .outbox()
        .sending(lease.trail())
        .compose(rows -> {
          Future<Void> done = Future.succeededFuture();
          for (NotificationRow row : rows) {
            if (!inFlight.containsKey(row.id())) {
              done = done.compose(before -> putBack(row));
            }
          }
          return done;
        })
        .onSuccess(done -> recovered = true);
  }

  private Future<Void> putBack(NotificationRow row) {
    String why =
        "the sender stopped during attempt " + row.attempt() + ", whose outcome is unknown";
    Verdict verdict = Verdict.retry(why, why, stores.clock().nowUs());
    return fenced(row, verdict);
  }

  private Future<Void> fenced(NotificationRow row, Verdict verdict) {
    return stores
        .database()
        .transaction(tx -> stores.leases().fence(tx, List.of(lease)))
        .compose(held -> recorder.record(row, verdict))
        .onSuccess(recorded -> recorded.ifPresent(this::announce))
        .onSuccess(recorded -> counted(row, verdict.action(), "owner_lost"))
        .mapEmpty();
  }

  private Future<Integer> due() {
    long nowUs = stores.clock().nowUs();
    Set<String> full = new HashSet<>();
    setup.integrations().forEach((target, integration) -> {
      if (throttle.full(target, integration, nowUs)) {
        full.add(target);
      }
    });
    return stores.outbox().due(lease.trail(), nowUs, full, PAGE).map(rows -> {
      rows.forEach(row -> begin(row, nowUs));
      return rows.size();
    });
  }

  private void begin(NotificationRow row, long nowUs) {
    if (stopping || inFlight.containsKey(row.id())) {
      return;
    }
    String target = row.receiver() + "/" + row.integration();
    Integration integration = setup.integrations().get(target);
    Sender sender = senders.get(target);
    if (integration == null || sender == null) {
      run(
          row,
          target,
          false,
          settle(
              row,
              Verdict.failed("receiver " + target + " is not configured any more"),
              Trouble.GONE));
      return;
    }
    if (!throttle.enter(target, integration, nowUs)) {
      counters.deferred(integration.kind());
      return;
    }
    run(
        row,
        target,
        true,
        claim(row).compose(mine -> mine ? send(claimed(row), sender) : Future.succeededFuture()));
  }

  private void run(NotificationRow row, String target, boolean entered, Future<Void> work) {
    Promise<Void> done = Promise.promise();
    inFlight.put(row.id(), done.future());
    work.onFailure(this::noteFailing).onComplete(end -> {
      inFlight.remove(row.id());
      if (entered) {
        throttle.leave(target);
      }
      done.complete();
      tick();
    });
  }

  private Future<Boolean> claim(NotificationRow row) {
    return stores.database().transaction(tx -> stores
        .leases()
        .fence(tx, List.of(lease))
        .compose(held -> Outbox.begin(tx, row, stores.clock().nowUs())));
  }

  private static NotificationRow claimed(NotificationRow row) {
    return new NotificationRow(
        row.trail(),
        row.id(),
        row.receiver(),
        row.integration(),
        row.groupKey(),
        row.reason(),
        "sending",
        row.attempt() + 1,
        row.nextUs(),
        row.createdUs(),
        row.updatedUs(),
        row.duplicate(),
        row.detail(),
        row.providerId(),
        row.fingerprints(),
        row.notice());
  }

  private Future<Void> send(NotificationRow row, Sender sender) {
    Message message = new Message(
        row.id(), row.attempt(), row.duplicate(), NoticeJson.decode(new JsonObject(row.notice())));
    return sender
        .send(message)
        .otherwise(defect -> new Delivery.Later(Trouble.BROKEN_OFF, "defect: " + defect, 0, true))
        .compose(delivery -> settle(row, delivery));
  }

  private Future<Void> settle(NotificationRow row, Delivery delivery) {
    if (delivery instanceof Delivery.Sent sent) {
      return settle(row, Verdict.sent(sent), null);
    }
    if (delivery instanceof Delivery.Refused refused) {
      return settle(row, Verdict.failed(refused.detail()), refused.trouble());
    }
    Delivery.Later later = (Delivery.Later) delivery;
    long nowUs = stores.clock().nowUs();
    long nextUs = nowUs + setup.backoff().waitUs(row.attempt(), later.retryAfterMs());
    if (nextUs - row.createdUs() > Times.micros(setup.giveUpAfter())) {
      return settle(
          row,
          Verdict.failed("gave up after attempt " + row.attempt() + ": " + later.detail()),
          Trouble.GAVE_UP);
    }
    String duplicate = later.maybeTaken()
        ? "attempt " + row.attempt() + " ended with " + later.trouble().text()
            + ", the receiver may have taken it"
        : "";
    return settle(row, Verdict.retry(later.detail(), duplicate, nextUs), later.trouble());
  }

  /** Records the outcome, trying again while this process is the owner: what was sent must not be sent again because the database was away for a moment. */
  private Future<Void> settle(NotificationRow row, Verdict verdict, @Nullable Trouble trouble) {
    Verdict clean = new Verdict(
        verdict.action(),
        printable(verdict.detail()),
        printable(verdict.providerId()),
        verdict.duplicate(),
        verdict.nextUs());
    return recordUntilDone(row, clean)
        .onSuccess(recorded -> {
          recorded.ifPresent(this::announce);
          counted(row, clean.action(), trouble == null ? "none" : trouble.text());
          if (!clean.action().equals("retry")) {
            waiting.add(row.receiver() + "/" + row.integration(), -1);
            stages.record(
                Stage.NOTIFY,
                row.createdUs(),
                stores.clock().nowUs(),
                row.notice().length(),
                1);
          }
        })
        .mapEmpty();
  }

  private Future<Optional<Recorded>> recordUntilDone(NotificationRow row, Verdict verdict) {
    return recorder
        .record(row, verdict)
        .recover(lost -> stopping
            ? Future.failedFuture(lost)
            : later().compose(waited -> recordUntilDone(row, verdict)));
  }

  private Future<Void> later() {
    Promise<Void> waited = Promise.promise();
    vertx.setTimer(RECORD_AGAIN_MS, id -> waited.complete());
    return waited.future();
  }

  private void announce(Recorded recorded) {
    stores.appender().announce(recorded.batch());
    vertx.eventBus().publish(Addresses.NOTIFICATION_SENT, recorded.publication());
  }

  private void counted(NotificationRow row, String outcome, String trouble) {
    counters.notified(row.kind(), outcome, trouble);
  }

  private void count() {
    stores
        .outbox()
        .waiting(lease.trail())
        .onSuccess(waiting::set)
        .onFailure(lost -> LOG.debug("waiting notifications not counted", lost));
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ");
  }

  private void noteWorking(Integer rows) {
    again |= rows >= PAGE;
    if (failing) {
      failing = false;
      LOG.info("notifications are sent again trail={}", lease.trail());
    }
  }

  private void noteFailing(Throwable cause) {
    if (cause instanceof LeaseLostException) {
      onLost.run();
      return;
    }
    if (!failing) {
      failing = true;
      LOG.warn(
          "the outbox cannot be worked on, trying again trail={} cause={}",
          lease.trail(),
          cause.toString());
      LOG.debug("its cause", cause);
    }
  }
}
