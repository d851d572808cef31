package io.vedette.collector.integrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vedette.runtime.Health;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.config.Config;
import io.vedette.store.Database;
import io.vedette.store.auth.Tokens;
import io.vedette.store.trail.TrailConfig;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vedette.trail.Checkpoint;
import io.vedette.trail.Hash;
import io.vedette.trail.Note;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.SignedCheckpoint;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints leave the host: to a folder, a webhook and a mailbox, all real. */
class CopyVerticleTest {
  @TempDir
  Path folder = Path.of("");

  private final TestDatabase stored = TestPostgres.sharedWithoutFsync().fresh();
  private final Vertx vertx = Vertx.vertx();
  private final Database database = stored.connect(vertx);
  private final TestTrail trail = TestTrail.open(database);
  private final NoteSigner key = NoteSigner.generate(trail.trail().origin());
  private final ManualClock clock = new ManualClock();
  private final GreenMail mail = new GreenMail(ServerSetup.SMTP.dynamicPort());
  private final Queue<String> posted = new ConcurrentLinkedQueue<>();
  private final Queue<Integer> answers = new ArrayDeque<>();
  private HttpServer hook;

  @SuppressWarnings("NullAway.Init") // by integrate()
  private ServiceContext service;

  @SuppressWarnings("NullAway.Init") // by integrate()
  private Integration integration;

  @BeforeEach
  void start() throws IOException {
    mail.setUser("auditor@example.org", "auditor", "unused");
    mail.start();
    hook = Await.value(vertx
        .createHttpServer()
        .requestHandler(request -> request.bodyHandler(body -> {
          Integer status = answers.poll();
          if (status == null) {
            posted.add(body.toString());
          }
          request.response().setStatusCode(status == null ? 204 : status).end();
        }))
        .listen(0, "127.0.0.1"));
    Files.writeString(folder.resolve("trail.key"), key.secret());
    Files.createDirectory(folder.resolve("elsewhere"));
  }

  private void integrate() throws IOException {
    Path file = Files.writeString(folder.resolve("vedette.yaml"), """
        trail:
          checkpoint-interval: 20ms
          checkpoint-copy:
            - file: %s
            - webhook: http://127.0.0.1:%d/checkpoints
            - email: auditor@example.org
              from: vedette@example.org
              smtp: 127.0.0.1:%d
        """.formatted(
            folder.resolve("elsewhere"), hook.actualPort(), mail.getSmtp().getPort()));
    service = ServiceContext.create(
        vertx,
        Config.load(
            file,
            Map.of(),
            Map.of(
                "trail.key-file",
                folder.resolve("trail.key").toString(),
                "trail.verify-cpu-percent",
                "0")),
        new SimpleMeterRegistry(),
        new Tokens(database),
        "node-1",
        false,
        false);
    integration = new Integration(service, database, trail.appender(), TestTrail.TRAIL, clock);
    Await.value(integration.start());
  }

  @AfterEach
  void close() {
    Await.value(integration.stop());
    mail.stop();
    Await.value(hook.close());
    trail.close();
    Await.value(database.close());
    Await.value(vertx.close());
    stored.close();
  }

  private void until(BooleanSupplier wanted) {
    Promise<Boolean> seen = Promise.promise();
    long timer = vertx.setPeriodic(20, id -> {
      if (wanted.getAsBoolean()) {
        seen.tryComplete(true);
      }
    });
    Await.value(seen.future());
    vertx.cancelTimer(timer);
  }

  private double count(String name) {
    Counter counter = service.metrics().find(name).counter();
    return counter == null ? 0 : counter.count();
  }

  private double copied() {
    return count("vedette_collector_checkpoint_copied_total");
  }

  private Health.Check health() {
    return Objects.requireNonNull(service.health().report().get("trail.checkpoint-copy"));
  }

  private SignedCheckpoint opened(byte[] note) {
    return SignedCheckpoint.open(
        note, trail.trail().origin(), List.of(LogKey.parse(key.verifier().vkey())));
  }

  private void append(int records) {
    trail.append("a", Stream.generate(() -> "hello").limit(records).toArray(String[]::new));
    long last = stored.number("SELECT size FROM vedette.trail_head") - 1;
    assertThat(Await.value(integration.coverage().waitCovered(last, Duration.ofSeconds(30))))
        .isPresent();
  }

  @Test
  void aSignedCheckpointArrivesEverywhereAtTheStartAndDaily() throws Exception {
    integrate();
    trail.append("a", "one", "two", "three");
    until(() -> copied() == 1);
    assertThat(posted).hasSize(1);
    SignedCheckpoint first = opened(posted.remove().getBytes(StandardCharsets.UTF_8));
    assertThat(first.size())
        .isIn(0L, 3L); // the empty tree may be signed before the first entries are in

    append(4);
    clock.advance(Duration.ofHours(23));
    clock.advance(Duration.ofHours(1));
    until(() -> copied() == 2);
    assertThat(posted).as("one a day, not two").hasSize(1);
    SignedCheckpoint second = opened(posted.remove().getBytes(StandardCharsets.UTF_8));
    assertThat(second.size()).isEqualTo(7);
    List<Path> kept = kept("-7-");
    assertThat(kept).hasSize(1);
    assertThat(opened(Files.readAllBytes(kept.get(0))).size()).isEqualTo(7);
    MimeMessage[] mails = mail.getReceivedMessages();
    assertThat(mails).hasSize(2);
    assertThat(mails[1].getSubject())
        .isEqualTo("checkpoint 7 of " + trail.trail().origin());
    String text = mails[1].getContent().toString().replace("\r\n", "\n");
    assertThat(opened((text.stripTrailing() + "\n").getBytes(StandardCharsets.UTF_8))
            .size())
        .as("what came by mail is evidence as it is")
        .isEqualTo(7);
    assertThat(health()).isEqualTo(Health.Check.up());
  }

  @Test
  void aPlaceThatDoesNotTakeItIsSaidAndTriedAgainAfterAMinute() throws Exception {
    answers.add(500);
    integrate();
    until(() -> count("vedette_collector_checkpoint_copy_failed_total") == 1);
    assertThat(health().state()).isEqualTo(Health.State.DEGRADED);
    assertThat(health().detail()).contains("webhook 127.0.0.1").contains("500");
    assertThat(mail.getReceivedMessages()).hasSize(1);
    clock.advance(Duration.ofMinutes(1));
    until(() -> copied() == 1);
    assertThat(health()).isEqualTo(Health.Check.up());
    assertThat(mail.getReceivedMessages()).as("who had it is not sent it again").hasSize(1);
  }

  private List<Path> kept(String part) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("elsewhere"))) {
      return files.filter(file -> file.getFileName().toString().contains(part)).toList();
    }
  }

  private static CheckpointCopies copies(Path folder, String list) throws IOException {
    Path file = Files.writeString(
        folder.resolve("copies.yaml"), "trail:\n  checkpoint-copy:\n    - " + list + "\n");
    return CheckpointCopies.of(
        Config.load(file, Map.of(), Map.of()).get(TrailConfig.CHECKPOINT_COPY));
  }

  private static Note signed(String origin, long size, int root) {
    byte[] hash = new byte[32];
    hash[0] = (byte) root;
    return new Checkpoint(origin, size, Hash.of(hash)).sign(List.of(NoteSigner.generate(origin)));
  }

  /** Files were named by their size alone: another trail, or a fork, replaced the evidence. */
  @Test
  void aFolderKeepsEveryCheckpointOfEveryTrailAndHistory() throws IOException {
    CheckpointCopies.Target target =
        copies(folder, "{file: " + folder.resolve("elsewhere") + "}").targets().get(0);
    for (Note note : List.of(
        signed("example.org/a", 5, 1),
        signed("example.org/b", 5, 1),
        signed("example.org/a", 5, 2))) {
      assertThat(CheckpointCopies.send(target, note)).isEmpty();
    }
    assertThat(kept("-5-")).hasSize(3);
    integrate(); // so that there is something to close
  }

  @Test
  void aFileIsReplacedByWhatFollowsItAlone() throws IOException {
    Path file = folder.resolve("newest");
    CheckpointCopies.Target target =
        copies(folder, "{file: " + file + "}").targets().get(0);
    assertThat(CheckpointCopies.send(target, signed("example.org/a", 5, 1))).isEmpty();
    Note newer = signed("example.org/a", 6, 2);
    assertThat(CheckpointCopies.send(target, newer)).isEmpty();
    assertThat(file).hasContent(newer.toString());
    assertThat(CheckpointCopies.send(target, signed("example.org/a", 4, 3)))
        .as("a rollback")
        .contains("holds size 6 of example.org/a");
    assertThat(CheckpointCopies.send(target, signed("example.org/b", 9, 3)))
        .contains("holds size 6 of example.org/a");
    assertThat(file).hasContent(newer.toString());
    integrate(); // so that there is something to close
  }

  @Test
  void whateverGoesWrongAtAPlaceIsItsFailure() throws IOException {
    CheckpointCopies.Target broken = new CheckpointCopies.Target() {
      @Override
      public String name() {
        return "a place";
      }

      @Override
      public void send(Checkpoint checkpoint, byte[] note) {
        throw new IllegalStateException("is broken");
      }
    };
    assertThat(CheckpointCopies.send(broken, signed("example.org/a", 5, 1)))
        .startsWith("a place: ")
        .contains("is broken");
    integrate(); // so that there is something to close
  }

  @Test
  void aWrongPlaceStopsTheStartWithItsLine() throws IOException {
    Path file = Files.writeString(
        folder.resolve("wrong.yaml"),
        "trail:\n  checkpoint-copy:\n    - {email: a@example.org, from: b@example.org, smtp: nowhere}\n");
    Config config = Config.load(file, Map.of(), Map.of());
    assertThatThrownBy(() ->
            CheckpointCopies.of(config.get(io.vedette.store.trail.TrailConfig.CHECKPOINT_COPY)))
        .hasMessageContaining("wrong.yaml:3")
        .hasMessageContaining("host:port");
    for (String webhook : List.of("audit.example.org/x", "'http:'", "ftp://h/x", "'http://a b/'")) {
      assertThatThrownBy(() -> copies(folder, "{webhook: " + webhook + "}"))
          .as(webhook)
          .hasMessageContaining("copies.yaml:3")
          .hasMessageContaining("http://host/path");
    }
    integrate(); // so that there is something to close
  }
}
