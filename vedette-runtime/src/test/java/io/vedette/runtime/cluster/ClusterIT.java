package io.vedette.runtime.cluster;

import static io.vedette.runtime.Awaits.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vedette.model.Batch;
import io.vedette.model.Finding;
import io.vedette.model.NodeStatus;
import io.vedette.model.Publication;
import io.vedette.model.StatisticUpdate;
import io.vedette.model.TopicHeads;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.Codecs;
import io.vedette.runtime.Messages;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.metrics.Metrics;
import io.vedette.runtime.metrics.Promtool;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.net.SelfSignedCertificate;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two members in one JVM over loopback: messages cross the codecs, members come, go and find each other. */
class ClusterIT {
  @TempDir
  Path folder;

  private final List<Membership> members = new ArrayList<>();

  @AfterEach
  void close() {
    members.forEach(member -> await(member.close()));
  }

  private final PrometheusMeterRegistry metrics = Metrics.registry();

  private Membership join(Map<String, String> sets, Membership... peers) {
    Config config = Config.of(sets);
    Clustering.Endpoint self = Clustering.endpoint(config);
    List<String> others = new ArrayList<>();
    for (Membership peer : peers) {
      others.add(peer.self().peer());
    }
    Membership member = await(
        Clustering.join(config, members.isEmpty() ? metrics : Metrics.registry(), self, others));
    members.add(member);
    Codecs.register(member.vertx().eventBus());
    return member;
  }

  /** What crosses from one member to the other. The bus is best effort and routes spread after they are acknowledged, so it is asked again until an answer comes. */
  private static <T> T crosses(Membership from, Membership to, String address, T message) {
    Promise<T> received = Promise.promise();
    MessageConsumer<T> consumer = to.vertx().eventBus().consumer(address, arrived -> {
      received.tryComplete(arrived.body());
      arrived.reply("ok");
    });
    await(consumer.completion());
    request(from, address, message, 30);
    T body = await(received.future());
    await(consumer.unregister());
    return body;
  }

  private static void request(Membership from, String address, Object message, int left) {
    try {
      await(from.vertx()
          .eventBus()
          .request(address, message, new DeliveryOptions().setSendTimeout(2_000))
          .map(Message::body));
    } catch (ReplyException notYet) {
      if (left == 0 || notYet.failureType() == ReplyFailure.RECIPIENT_FAILURE) {
        throw notYet;
      }
      request(from, address, message, left - 1);
    }
  }

  @Test
  void everyMessageCrossesItsCodec() {
    Membership one = join(Map.of());
    Membership two = join(Map.of(), one);

    assertThat(one.nodes()).hasSize(2);
    Batch batch = crosses(one, two, Addresses.RECORD_APPENDED, Messages.batch());
    assertThat(batch)
        .isNotSameAs(Messages.batch())
        .usingRecursiveComparison()
        .isEqualTo(Messages.batch());
    Publication publication = crosses(two, one, Addresses.ALERT_CHANGED, Messages.publication());
    assertThat(publication).usingRecursiveComparison().isEqualTo(Messages.publication());
    TopicHeads heads = crosses(one, two, Addresses.TOPIC_HEADS, Messages.topicHeads());
    assertThat(heads).isEqualTo(Messages.topicHeads());
    StatisticUpdate update =
        crosses(one, two, Addresses.statistic("host_cpu"), Messages.statisticUpdate());
    assertThat(update).isEqualTo(Messages.statisticUpdate());
    NodeStatus status = crosses(one, two, Addresses.NODE_STATUS, Messages.nodeStatus());
    assertThat(status).isEqualTo(Messages.nodeStatus());
    Finding finding = crosses(one, two, Addresses.FINDING_RAISED, Messages.finding());
    assertThat(finding).isEqualTo(Messages.finding());
    assertThat(metrics.scrape()).contains("vertx_eventbus_received_total{side=\"remote\"}");
    Promtool.findsNothing(metrics.scrape());
  }

  @Test
  void closedMemberLeaves() {
    Membership one = join(Map.of());
    Membership two = join(Map.of(), one);
    Membership three = join(Map.of(), one, two);
    assertThat(one.nodes()).hasSize(3);

    Future<Void> oneLeft = sees(one, 2);
    Future<Void> twoLeft = sees(two, 2);
    members.remove(three);
    await(three.close());

    await(twoLeft);
    await(oneLeft);
    assertThat(one.nodes()).hasSize(2).containsAll(two.nodes());
  }

  /** A dead node is out within 5 s, a stopped one within 10 s; here twice that, for a machine that has other things to do. */
  @ParameterizedTest
  @CsvSource({"KILL, 10", "STOP, 20"})
  void processThatDoesNotAnswerAnyMoreIsOut(String signal, int limitSeconds)
      throws IOException, InterruptedException {
    Membership one = join(Map.of());
    Process other = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            MemberProcess.class.getName(),
            one.self().peer())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
    try (BufferedReader said = other.inputReader()) {
      String line = said.readLine();
      while (line != null && !line.equals(MemberProcess.JOINED)) {
        line = said.readLine();
      }
      assertThat(line).isEqualTo(MemberProcess.JOINED);
      await(sees(one, 2));

      Future<Void> left = sees(one, 1);
      Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(other.pid())).start();
      assertThat(kill.waitFor()).isZero();
      await(left.timeout(limitSeconds, TimeUnit.SECONDS));
      assertThat(one.nodes()).hasSize(1);
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  private static Future<Void> sees(Membership member, int size) {
    Promise<Void> seen = Promise.promise();
    Runnable look = () -> {
      if (member.nodes().size() == size) {
        seen.tryComplete();
      }
    };
    member.onChange(look);
    look.run();
    return seen.future();
  }

  @Test
  void deadPeerKeepsNobodyFromStarting() {
    Clustering.Endpoint dead = Clustering.endpoint(Config.of(Map.of()));
    Config config = Config.of(Map.of());

    Membership alone = await(Clustering.join(
        config, Metrics.registry(), Clustering.endpoint(config), List.of(dead.peer())));
    members.add(alone);

    assertThat(alone.nodes()).hasSize(1);
  }

  /**
   * Both began alone, for example because both looked before either's row was written, or because one was stopped for a while: told of each other, they become one cluster, and what each consumed before
   * the merge is known to both after it.
   */
  @Test
  void twoThatBeganAloneMeet() {
    Membership one = join(Map.of());
    Membership two = join(Map.of());
    await(one.vertx()
        .eventBus()
        .consumer("at.one", message -> message.reply("one"))
        .completion());
    await(two.vertx()
        .eventBus()
        .consumer("at.two", message -> message.reply("two"))
        .completion());

    one.meet(List.of(two.self().peer()));
    two.meet(List.of(one.self().peer()));
    await(sees(one, 2));
    await(sees(two, 2));

    request(one, "at.two", "hello", 30);
    request(two, "at.one", "hello", 30);
  }

  @Test
  void busSpeaksMutualTls() throws IOException {
    Map<String, String> tls = tls("shared");
    Membership one = join(tls);
    Membership two = join(tls, one);

    assertThat(crosses(one, two, Addresses.NODE_STATUS, Messages.nodeStatus()))
        .isEqualTo(Messages.nodeStatus());
    assertThat(crosses(two, one, Addresses.NODE_STATUS, Messages.nodeStatus()))
        .isEqualTo(Messages.nodeStatus());
  }

  @Test
  void certificateOfAnotherAuthorityIsRefused() throws IOException {
    Membership one = join(tls("ours"));
    Membership stranger = join(tls("theirs"), one);
    AtomicInteger told = new AtomicInteger();
    await(one.vertx()
        .eventBus()
        .consumer("secret", message -> told.incrementAndGet())
        .completion());

    assertThatThrownBy(() -> await(stranger
            .vertx()
            .eventBus()
            .request("secret", "tell", new DeliveryOptions().setSendTimeout(500))))
        .isInstanceOf(ReplyException.class);
    assertThat(told).hasValue(0);
  }

  private Map<String, String> tls(String name) throws IOException {
    SelfSignedCertificate certificate = SelfSignedCertificate.create("localhost");
    Path cert = Files.copy(Path.of(certificate.certificatePath()), folder.resolve(name + ".crt"));
    Path key = Files.copy(Path.of(certificate.privateKeyPath()), folder.resolve(name + ".key"));
    certificate.delete();
    Map<String, String> sets = new HashMap<>();
    sets.put("cluster.tls.cert", cert.toString());
    sets.put("cluster.tls.key", key.toString());
    sets.put("cluster.tls.ca", cert.toString());
    return sets;
  }
}
