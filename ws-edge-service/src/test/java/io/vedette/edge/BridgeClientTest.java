package io.vedette.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vedette.edge.trail.MemoryTrail;
import io.vedette.model.Batch;
import io.vedette.model.Stamps;
import io.vedette.model.StatisticUpdate;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.config.Config;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The public {@code @vertx/eventbus-bridge-client.js}, unmodified, in Node against {@code /eventbus}. Skipped where npm or node is missing, or fails with {@code -Dtools.required}. */
@Timeout(240)
@SuppressWarnings("NullAway.Init") // fields are set before each test
final class BridgeClientTest {
  private static final String CLIENT = "@vertx/eventbus-bridge-client.js@1.0.0";
  private static final Path FOLDER = Path.of("target/bridge-client").toAbsolutePath();
  private static final Path SCRIPT = Path.of("src/test/javascript/bridge-client.cjs");

  private final FakeStore store = new FakeStore();
  private Vertx vertx;
  private EdgeService edge;
  private long index;

  @BeforeEach
  void start() throws Exception {
    install();
    vertx = Vertx.vertx();
  }

  private Integer up(String anonymousRole) throws Exception {
    ServiceContext ctx = ServiceContext.create(
        vertx,
        Config.of(Map.of("edge.http.port", "0", "edge.auth.anonymous-role", anonymousRole)),
        new SimpleMeterRegistry(),
        token -> Future.succeededFuture(Optional.empty()),
        true,
        false);
    edge = new EdgeService(ctx, store, MemoryTrail.side(ctx));
    return Objects.requireNonNull(await(edge.start()).get("edge.http"));
  }

  @AfterEach
  void stop() throws Exception {
    if (vertx != null) {
      await(edge.stop());
      await(vertx.close());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "xhr-streaming", "xhr-polling"})
  void registersReceivesAndFindsNothingUnhandled(String transport) throws Exception {
    Integer port = up("viewer");
    vertx.setPeriodic(50, tick -> publish());
    Run run = run(
        FOLDER,
        40,
        "node",
        FOLDER.resolve("client.cjs").toString(),
        "http://localhost:" + port + "/eventbus",
        transport);
    assertThat(run.output()).contains("\"unhandled\":[]").contains("\"problem\":null");
    assertThat(run.status()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "xhr-streaming", "xhr-polling"})
  void whoIsRefusedIsToldCodeAndReason(String transport) throws Exception {
    Integer port = up("none");
    Run run = run(
        FOLDER,
        40,
        "node",
        FOLDER.resolve("client.cjs").toString(),
        "http://localhost:" + port + "/eventbus",
        transport);
    assertThat(run.output()).contains("\"problem\":\"closed 4401 token missing: send ");
  }

  private void publish() {
    long nowUs = VertxLoop.nowMicros();
    String record = "{\"message\":\"m" + index + "\"}";
    store.put(index, record, nowUs);
    vertx
        .eventBus()
        .publish(
            Addresses.RECORD_APPENDED,
            new Batch(
                1,
                FakeStore.EPOCH,
                index + 1,
                index,
                1,
                nowUs,
                0,
                true,
                List.of(record.getBytes(StandardCharsets.UTF_8)),
                new byte[0],
                Stamps.UNKNOWN));
    vertx
        .eventBus()
        .publish(
            Addresses.statistic("host"),
            new StatisticUpdate(
                1,
                "host",
                index,
                nowUs,
                List.of(new StatisticUpdate.Value(
                    0,
                    1,
                    new TreeMap<>(Map.of("cpu", "0")),
                    nowUs,
                    nowUs,
                    new TreeMap<>(Map.of("last", (double) index)))),
                Stamps.UNKNOWN));
    index++;
  }

  private record Run(int status, String output) {}

  private static void install() throws Exception {
    Files.createDirectories(FOLDER);
    Files.writeString(FOLDER.resolve("client.cjs"), Files.readString(SCRIPT));
    if (Files.isDirectory(FOLDER.resolve("node_modules/@vertx/eventbus-bridge-client.js"))) {
      return;
    }
    Files.writeString(FOLDER.resolve("package.json"), "{\"private\":true}");
    Run npm =
        run(FOLDER, 150, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", CLIENT);
    if (npm.status() != 0) {
      absent("npm install failed: " + npm.output());
    }
  }

  private static Run run(Path folder, long seconds, String... command) throws Exception {
    Path output = Files.createTempFile(FOLDER, "run", ".txt");
    Process process;
    try {
      process = new ProcessBuilder(command)
          .directory(folder.toFile())
          .redirectErrorStream(true)
          .redirectOutput(output.toFile())
          .start();
    } catch (IOException missing) {
      absent(command[0] + " is not installed");
      throw missing;
    }
    boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly();
    }
    String said = Files.readString(output);
    Files.delete(output);
    return new Run(ended ? process.exitValue() : -1, said);
  }

  private static void absent(String why) {
    if (System.getProperty("tools.required") != null) {
      fail(why);
    }
    assumeTrue(false, why);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
