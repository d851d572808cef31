package io.vedette.analyzer;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.analyzer.rule.RulesFile;
import io.vedette.analyzer.rule.RulesParser;
import io.vedette.model.Publication;
import io.vedette.model.RecordDraft;
import io.vedette.model.Sample;
import io.vedette.model.SampleBlock;
import io.vedette.model.Series;
import io.vedette.model.StatisticUpdate;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.Codecs;
import io.vedette.store.Database;
import io.vedette.store.analysis.FindingJson;
import io.vedette.store.analysis.KeyPanes;
import io.vedette.store.analysis.Pane;
import io.vedette.store.analysis.PaneBlock;
import io.vedette.store.analysis.PaneReader;
import io.vedette.store.analysis.RuleRevisions;
import io.vedette.store.lease.Leases;
import io.vedette.store.trail.AppendRequest;
import io.vedette.store.trail.BatchReader;
import io.vedette.store.trail.SealedRecord;
import io.vedette.store.trail.Trail;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Analyzers on a real store: what they publish, and that killing them changes nothing. */
class AnalyzeVerticleTest {
  private static final String RULES = """
      rules:
        - alert: Failures
          on: records
          where: outcome == "failure"
          group_by: [origin]
          window: {size: 20s, slide: 2s}
          statistic: count
          condition: ">= 3"
          for: 2s
          keep_firing_for: 4s
        - alert: Silent
          on: samples
          group_by: {series: name}
          absent: 8s
      statistics:
        - name: host
          on: samples
          window: {size: 10s, slide: 1s}
          fields: [last, mean, p95]
      """;

  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase testDatabase = TestPostgres.sharedWithoutFsync().fresh();
  private Database database;
  private TestTrail trail;
  private long sequence;

  @BeforeEach
  void open() {
    Codecs.register(vertx.eventBus());
    database = testDatabase.connect(vertx);
    trail = TestTrail.open(database, Trail.PARTITION_SIZE);
  }

  @AfterEach
  void close() {
    trail.close();
    Await.value(database.close());
    Await.value(vertx.close());
    testDatabase.close();
  }

  private RuleRevisions revisions() {
    return new RuleRevisions(database, trail.appender());
  }

  private void importRules() {
    List<RulesFile> files = List.of(new RulesFile("rules.yaml", RULES));
    Await.value(revisions()
        .importFirst(
            1,
            RulesFolder.texts(files),
            RulesFolder.hash(RulesParser.parse(files).orThrow()),
            trail.clock().nowUs()));
  }

  private AnalyzeSettings settings(String node, Duration store) {
    return new AnalyzeSettings(
        1, node, Leases.TTL, Duration.ofMillis(20), store, Duration.ofDays(7), Duration.ofDays(7));
  }

  private AnalyzeVerticle deploy(String node, Duration store) {
    AnalyzeVerticle verticle = new AnalyzeVerticle(database, revisions(), settings(node, store));
    Await.value(vertx.deployVerticle(
        verticle, new DeploymentOptions().setThreadingModel(ThreadingModel.WORKER)));
    return verticle;
  }

  /** Looks again and again, on the test's thread, at most a minute. */
  private void until(BooleanSupplier reached) {
    long deadlineNs = System.nanoTime() + Await.LIMIT.toNanos();
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() > deadlineNs) {
        throw new AssertionError("nothing after " + Await.LIMIT);
      }
      Await.value(vertx.timer(5));
    }
  }

  private long head() {
    return Await.value(new BatchReader(database).head(1)).batch();
  }

  private SealedRecord failure(String origin) {
    return TestTrail.sealed(
        RecordDraft.builder()
            .action("login")
            .origin(origin)
            .outcome(io.vedette.model.Outcome.FAILURE)
            .observedUs(trail.clock().nowUs())
            .build(),
        "sshd",
        ++sequence);
  }

  private void append(List<SealedRecord> records, List<Sample> samples) {
    AppendRequest request = trail.request(records);
    trail.appended(
        samples.isEmpty()
            ? request
            : request.withSamples(SampleBlock.encode(samples), samples.size()));
  }

  private Sample sample(String name, double value) {
    return new Sample(Series.of(name, Map.of()), trail.clock().nowUs(), value);
  }

  @Test
  void findsStoresPublishesAndHandsOver() {
    importRules();
    ConcurrentLinkedQueue<StatisticUpdate> updates = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<Publication> findings = new ConcurrentLinkedQueue<>();
    vertx
        .eventBus()
        .<StatisticUpdate>consumer(Addresses.statistic("host"), m -> updates.add(m.body()));
    vertx.eventBus().<Publication>consumer(Addresses.FINDING_RAISED, m -> findings.add(m.body()));
    AnalyzeVerticle analyzer = deploy("a", Duration.ofSeconds(5));
    append(
        List.of(failure("203.0.113.7"), failure("203.0.113.7"), failure("203.0.113.7")),
        List.of(sample("host_load1", 0.5)));
    trail.clock().advance(Duration.ofSeconds(3));
    trail.tick();
    until(() -> findings.size() == 2);
    assertThat(analyzer.trouble()).isEmpty();
    assertThat(FindingJson.read(findings.peek().json(), io.vedette.model.Stamps.UNKNOWN)
            .labels())
        .containsEntry("alertname", "Failures")
        .containsEntry("origin", "203.0.113.7");
    assertThat(findings).extracting(Publication::offset).containsExactly(1L, 2L);
    until(() -> !updates.isEmpty());
    assertThat(updates.peek().values().get(0).fields()).containsEntry("last", 0.5);
    assertThat(testDatabase.query("SELECT transition FROM vedette.finding ORDER BY number"))
        .containsExactly("pending", "firing");
    trail.clock().advance(Duration.ofSeconds(20));
    trail.tick();
    until(() -> analyzer.position() == head());
    Await.value(vertx.undeploy(analyzer.deploymentID()));
    PaneReader.History history =
        Await.value(new PaneReader(database).read(1, "host", 0, Long.MAX_VALUE / 2));
    assertThat(history.keys()).hasSize(1);
    assertThat(history.paneUs()).isEqualTo(1_000_000);
    assertThat(history.keys().get(0).key()).containsEntry("__name__", "host_load1");
    assertThat(history.keys().get(0).panes()).extracting(Pane::last).containsExactly(0.5);
    assertThat(testDatabase.number(
            "SELECT count(*) FROM vedette.lease WHERE kind = 'partition' AND owner = ''"))
        .isEqualTo(64);
  }

  private Map<String, String> outcome() {
    Map<String, String> outcome = new TreeMap<>();
    for (String finding :
        testDatabase.query("SELECT convert_from(body, 'UTF8') FROM vedette.finding")) {
      outcome.put("finding " + finding, "");
    }
    List<String> blocks = testDatabase.query(
        "SELECT rule_hash || ' ' || encode(block, 'hex') FROM vedette.pane_block ORDER BY id");
    for (String row : blocks) {
      String[] parts = row.split(" ", 2);
      for (KeyPanes key : PaneBlock.decode(HexFormat.of().parseHex(parts[1]))) {
        for (Pane pane : key.panes()) {
          String place = parts[0] + ' ' + key.key() + ' ' + pane.startUs();
          byte[] bits =
              PaneBlock.encode(1, List.of(new KeyPanes(key.partition(), key.key(), List.of(pane))));
          assertThat(outcome.put(place, HexFormat.of().formatHex(bits)))
              .as("stored once: %s", place)
              .isNull();
        }
      }
    }
    return outcome;
  }

  @Test
  void killingAnalyzersChangesNothing() {
    importRules();
    testDatabase.execute(
        "INSERT INTO vedette.node (id, services, version, host, bus_port, started_us, alive_us, info) SELECT n, '{analyzer}', '', '', 0, 0, 9000000000000000, '{}'"
            + " FROM unnest(ARRAY['a0', 'b0']) AS n");
    Random random = new Random(5);
    List<AnalyzeVerticle> running =
        new ArrayList<>(List.of(deploy("a0", Duration.ZERO), deploy("b0", Duration.ofMillis(30))));
    List<String> names = new ArrayList<>(List.of("a0", "b0"));
    int generation = 0;
    for (int step = 0; step < 400; step++) {
      trail
          .clock()
          .advance(Duration.ofMillis(random.nextInt(30) == 0 ? 9_000 : random.nextInt(700)));
      List<SealedRecord> records = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        records.add(failure("203.0.113." + random.nextInt(9)));
      }
      List<Sample> samples = new ArrayList<>();
      for (int i = random.nextInt(6); i > 0; i--) {
        samples.add(sample("s" + random.nextInt(20), random.nextGaussian()));
      }
      append(records, samples);
      if (random.nextInt(25) == 0) {
        int victim = random.nextInt(2);
        Await.value(running.get(victim).kill());
        String dead = names.get(victim);
        String born = dead.substring(0, 1) + ++generation;
        // The lease of what was killed has run out, and its row is gone.
        testDatabase.execute(
            "UPDATE vedette.lease SET until_us = 0 WHERE kind = 'partition' AND owner = '" + dead
                + "'");
        testDatabase.execute(
            "UPDATE vedette.node SET id = '" + born + "' WHERE id = '" + dead + "'");
        names.set(victim, born);
        running.set(victim, deploy(born, Duration.ofMillis(random.nextInt(2) * 40L)));
      }
    }
    assertThat(generation).isGreaterThan(8);
    trail.clock().advance(Duration.ofSeconds(60));
    trail.tick();
    long head = head();
    until(() -> running.stream().allMatch(one -> one.position() == head)
        && testDatabase.number(
                "SELECT count(*) FROM vedette.lease WHERE kind = 'partition' AND until_us > vedette.clock_us() AND owner IN ('"
                    + names.get(0) + "', '" + names.get(1) + "')")
            == 64);
    for (AnalyzeVerticle one : running) {
      Await.value(vertx.undeploy(one.deploymentID()));
    }
    Map<String, String> disturbed = outcome();
    assertThat(testDatabase.number("SELECT count(DISTINCT batch) FROM vedette.analysis_partition"))
        .isEqualTo(1);
    assertThat(
            testDatabase.number(
                "SELECT count(*) FROM (SELECT partition, max(number) - count(*) AS holes FROM vedette.finding GROUP BY partition) h WHERE holes <> 0"))
        .isZero();
    assertThat(testDatabase.number(
            "SELECT count(*) FROM vedette.publication WHERE topic = 'findings'"))
        .isEqualTo(testDatabase.number("SELECT count(*) FROM vedette.finding"));

    testDatabase.execute(
        "TRUNCATE vedette.analysis_partition, vedette.pane_block, vedette.finding, vedette.node");
    AnalyzeVerticle undisturbed = deploy("alone", Duration.ofSeconds(5));
    until(() -> undisturbed.position() == head && undisturbed.trouble().isEmpty());
    Await.value(vertx.undeploy(undisturbed.deploymentID()));
    assertThat(disturbed).hasSizeGreaterThan(200).isEqualTo(outcome());
  }

  @Test
  void aChangeOfRulesHoldsFromItsBatch() {
    importRules();
    AnalyzeVerticle analyzer = deploy("a", Duration.ZERO);
    append(
        List.of(failure("203.0.113.7"), failure("203.0.113.7"), failure("203.0.113.7")), List.of());
    until(() -> testDatabase.number("SELECT count(*) FROM vedette.finding") == 1);
    List<RulesFile> other = List.of(new RulesFile("rules.yaml", RULES.replace(">= 3", ">= 30")));
    RuleRevisions.Applied applied = Await.value(revisions()
        .apply(
            1,
            RulesFolder.texts(other),
            RulesFolder.hash(RulesParser.parse(other).orThrow()),
            "ada",
            "less noise",
            trail.clock().nowUs()));
    assertThat(applied.changed()).isTrue();
    until(() -> testDatabase.number("SELECT count(*) FROM vedette.finding") == 2);
    assertThat(testDatabase.query(
            "SELECT transition || ' ' || batch FROM vedette.finding ORDER BY number"))
        .last()
        .isEqualTo("cleared " + applied.revision().validFrom());
    assertThat(Await.value(revisions()
                .apply(
                    1,
                    RulesFolder.texts(other),
                    applied.revision().hash(),
                    "ada",
                    "again",
                    trail.clock().nowUs()))
            .changed())
        .isFalse();
    Await.value(vertx.undeploy(analyzer.deploymentID()));
  }

  @Test
  void anUnchangedRuleKeepsItsStateWhenOthersChange() {
    importRules();
    AnalyzeVerticle analyzer = deploy("a", Duration.ZERO);
    append(List.of(failure("203.0.113.7"), failure("203.0.113.7")), List.of());
    String other = RULES + """
          fields: [last, mean, p95]
        - name: another
          on: samples
          window: {size: 10s, slide: 1s}
          fields: [max]
        """.indent(2).replaceFirst(".*\n", "");
    List<RulesFile> files = List.of(new RulesFile("rules.yaml", other));
    assertThat(Await.value(revisions()
                .apply(
                    1,
                    RulesFolder.texts(files),
                    RulesFolder.hash(RulesParser.parse(files).orThrow()),
                    "ada",
                    "one more",
                    trail.clock().nowUs()))
            .changed())
        .isTrue();
    append(List.of(failure("203.0.113.7")), List.of());
    until(() -> testDatabase.number("SELECT count(*) FROM vedette.finding") == 1);
    assertThat(testDatabase.query("SELECT transition FROM vedette.finding"))
        .as("the third failure of three, two of them before the change")
        .containsExactly("pending");
    Await.value(vertx.undeploy(analyzer.deploymentID()));
  }

  /** PostgreSQL's text holds no U+0000: such a key was refused by the store, and with it every later batch. */
  @Test
  void aGroupKeyWithNulIsStoredAndTakenUpAgain() {
    importRules();
    AnalyzeVerticle first = deploy("a", Duration.ZERO);
    append(List.of(failure("a\0b"), failure("a\0b"), failure("a\\0b")), List.of());
    append(List.of(failure("a\0b"), failure("a\\0b"), failure("a\\0b")), List.of());
    until(() -> testDatabase.number("SELECT count(*) FROM vedette.finding") == 2);
    Await.value(vertx.undeploy(first.deploymentID()));
    AnalyzeVerticle second = deploy("b", Duration.ZERO);
    trail.clock().advance(Duration.ofSeconds(3));
    trail.tick();
    until(() ->
        testDatabase.number("SELECT count(*) FROM vedette.finding WHERE transition = 'firing'")
            == 2);
    assertThat(second.trouble()).isEmpty();
    Await.value(vertx.undeploy(second.deploymentID()));
  }

  @Test
  void aWriteUnderALostLeaseIsRefused() {
    importRules();
    AnalyzeVerticle analyzer = deploy("a", Duration.ZERO);
    testDatabase.execute(
        "UPDATE vedette.lease SET owner = 'other', epoch = epoch + 1, until_us = 9000000000000000 WHERE kind = 'partition'");
    append(
        List.of(failure("203.0.113.7"), failure("203.0.113.7"), failure("203.0.113.7")), List.of());
    long head = head();
    until(() -> analyzer.position() == head);
    assertThat(testDatabase.number("SELECT count(*) FROM vedette.finding")).isZero();
    assertThat(
            testDatabase.number("SELECT coalesce(max(batch), 0) FROM vedette.analysis_partition"))
        .isLessThan(head);
    Await.value(vertx.undeploy(analyzer.deploymentID()));
  }

  @Test
  void requestsAreAuthorisedAndChecked() {
    RulesVerticle rules =
        new RulesVerticle(revisions(), 1, java.nio.file.Path.of("no-such-folder"));
    Await.value(vertx.deployVerticle(rules));
    assertThat(testDatabase.number("SELECT max(revision) FROM vedette.rule_revision"))
        .isEqualTo(1);
    assertThat(Await.failure(request("viewer", RULES))).hasMessageContaining("admin");
    assertThat(Await.failure(request("admin", RULES.replace(">= 3", "many"))))
        .hasMessageContaining("rules.yaml:8: condition: many");
    assertThat(Await.value(request("admin", RULES)).body().getLong("revision")).isEqualTo(2);
    assertThat(Await.value(request("admin", RULES)).body().getBoolean("changed"))
        .isFalse();
  }

  private Future<io.vertx.core.eventbus.Message<io.vertx.core.json.JsonObject>> request(
      String role, String text) {
    return vertx
        .eventBus()
        .request(
            Addresses.RULES_APPLY,
            new io.vertx.core.json.JsonObject()
                .put("files", new io.vertx.core.json.JsonObject().put("rules.yaml", text)),
            new io.vertx.core.eventbus.DeliveryOptions()
                .addHeader(Addresses.ROLE, role)
                .addHeader(Addresses.PRINCIPAL, "ada"));
  }
}
