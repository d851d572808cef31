package io.vedette.standalone.cli.trail;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vedette.collector.integrate.Integration;
import io.vedette.collector.integrate.verify.StoredTrail;
import io.vedette.collector.integrate.verify.TrailVerification;
import io.vedette.collector.integrate.verify.TrailVerification.Options;
import io.vedette.runtime.Codecs;
import io.vedette.runtime.ServiceContext;
import io.vedette.runtime.config.Config;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.auth.Tokens;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vedette.trail.Checkpoint;
import io.vedette.trail.Hash;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.verify.LogKey;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TrailCommandTest {
  @TempDir
  Path folder = Path.of("");

  private final TestDatabase stored = TestPostgres.shared().fresh();
  private final Vertx vertx = Vertx.vertx();
  private final List<Vertx> vertxes = new ArrayList<>();
  private final Database database = stored.connect(vertx);
  private final TestTrail trail = TestTrail.open(database);
  private final NoteSigner key = NoteSigner.generate(trail.trail().origin());
  private ServiceContext service;
  private String said = "";

  @BeforeEach
  void appendAndSign() throws IOException {
    Files.writeString(folder.resolve("trail.key"), key.secret());
    Codecs.register(vertx.eventBus());
    service = service(Map.of("trail.key-file", file("trail.key")));
    for (int i = 0; i < 6; i++) {
      append(100);
    }
    sign(599);
  }

  private ServiceContext service(Map<String, String> keys) {
    Map<String, String> sets = new HashMap<>(keys);
    sets.put("trail.signer-state-file", file("last-checkpoint"));
    sets.put("trail.verify-cpu-percent", "0");
    sets.put("trail.checkpoint-interval", "20ms");
    Vertx own = Vertx.vertx();
    vertxes.add(own);
    return ServiceContext.create(
        own,
        Config.of(sets),
        new SimpleMeterRegistry(),
        new Tokens(database),
        "node-1",
        false,
        false);
  }

  private void append(int count) {
    trail.append("a", Stream.generate(() -> "hello").limit(count).toArray(String[]::new));
  }

  private void sign(long index) {
    sign(service, index);
  }

  private void sign(ServiceContext service, long index) {
    Integration integration =
        new Integration(service, database, trail.appender(), TestTrail.TRAIL, MicroClock.SYSTEM);
    Await.value(integration.start());
    assertThat(Await.value(integration.coverage().waitCovered(index, Duration.ofSeconds(30))))
        .isPresent();
    Await.value(integration.stop());
  }

  @AfterEach
  void close() {
    trail.close();
    Await.value(database.close());
    vertxes.forEach(own -> Await.value(own.close()));
    Await.value(vertx.close());
    stored.close();
  }

  private int run(String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine line = new CommandLine(new TrailCommand());
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));
    int code = line.execute(arguments);
    said = out.toString();
    return code;
  }

  private int onDatabase(String... arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 4);
    all[arguments.length] = "--data-dir";
    all[arguments.length + 1] = folder.toString();
    all[arguments.length + 2] = "--database-url";
    all[arguments.length + 3] = stored.url().secretText();
    return run(all);
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void verifiesAndNamesTheFirstBadIndex() {
    assertThat(onDatabase("verify")).as(said).isZero();
    assertThat(said).contains("600 entries").contains("600 records belong");
    stored.execute(
        "UPDATE vedette.record SET salt = set_byte(salt, 3, get_byte(salt, 3) # 1) WHERE index = 77");
    assertThat(onDatabase("verify")).as(said).isEqualTo(2);
    assertThat(said).contains("WRONG: payload at index 77");
    assertThat(onDatabase(
            "verify", "--key", NoteSigner.generate(key.name()).verifier().vkey()))
        .isEqualTo(2);
    assertThat(said).contains("WRONG: signature");
  }

  @Test
  void aProofIsCheckedOfflineAndAFlippedByteIsSeen() throws IOException {
    assertThat(onDatabase("prove", "77", "--out", file("p"), "--record-out", file("r")))
        .as(said)
        .isZero();
    String vkey = key.verifier().vkey();
    assertThat(run("check", file("p"), "--record", file("r"), "--key", vkey))
        .as(said)
        .isZero();
    assertThat(said).contains("index 77");
    byte[] record = Files.readAllBytes(folder.resolve("r"));
    record[5] ^= 1;
    Files.write(folder.resolve("r"), record);
    assertThat(run("check", file("p"), "--record", file("r"), "--key", vkey))
        .as(said)
        .isEqualTo(2);
    record[5] ^= 1;
    Files.write(folder.resolve("r"), record);
    assertThat(run("check", file("p"), "--record", file("r"), "--key", vkey))
        .as(said)
        .isZero();
    assertThat(onDatabase("prove", "600")).isEqualTo(1);
  }

  @Test
  void exportsTheLogAsFiles() {
    assertThat(onDatabase("export", file("log"))).as(said).isZero();
    assertThat(folder.resolve("log/checkpoint")).exists();
    assertThat(folder.resolve("log/tile/entries/001")).exists();
    assertThat(folder.resolve("log/tile/0/002.p/88")).exists();
    assertThat(folder.resolve("log/tile/1/000.p/2")).exists();
  }

  @Test
  void showsAndMakesKeys() throws IOException {
    assertThat(onDatabase("keys")).as(said).isZero();
    assertThat(said).contains(key.verifier().vkey()).contains("signs, the same");
    assertThat(run("keys", "--generate", file("new"), "--origin", "example.org/a"))
        .as(said)
        .isZero();
    assertThat(said).startsWith("example.org/a+");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("new"))))
        .isEqualTo("rw-------");
    assertThat(run("keys", "--generate", file("new"), "--origin", "example.org/a"))
        .isEqualTo(1);
  }

  @Test
  void aShortenedTrailIsReopenedAndGoesOn() throws IOException {
    stored.execute("DELETE FROM vedette.checkpoint; DELETE FROM vedette.record WHERE index >= 500;"
        + " DELETE FROM vedette.trail_batch WHERE first_index >= 500");
    assertThat(onDatabase("reopen", "--reason", "backup of Tuesday restored"))
        .as(said)
        .isZero();
    assertThat(said).contains("reopened with 500 entries; 100 that were signed are lost");
    String fresh = NoteSigner.parse(
            Files.readString(folder.resolve("trail.key")).strip())
        .verifier()
        .vkey();
    assertThat(fresh).isNotEqualTo(key.verifier().vkey());
    assertThat(folder.resolve("last-checkpoint")).doesNotExist();
    assertThat(stored
            .query("SELECT convert_from(canonical, 'UTF8') FROM vedette.record WHERE index = 500")
            .get(0))
        .contains("gap.declare")
        .contains("backup of Tuesday restored")
        .contains("\"count\":100");
    sign(500);
    assertThat(onDatabase("verify")).as(said).isZero();
    assertThat(said).contains("501 entries");
    assertThat(onDatabase("reopen", "--reason", "again", "--origin", key.name()))
        .as(said)
        .isEqualTo(1);
    assertThat(said).contains(key.name() + " was the trail's before it was reopened");
    assertThat(folder.resolve("trail.key.reopened")).doesNotExist();
  }

  /** 2 says that the trail is wrong: what was typed wrong is 1. */
  @Test
  void whatWasTypedWrongSaysNothingAboutTheTrail() throws IOException {
    String vkey = key.verifier().vkey();
    String mistyped = vkey.substring(0, vkey.length() - 5) + "AAAA=";
    assertThat(onDatabase("verify", "--key", mistyped)).as(said).isEqualTo(1);
    assertThat(said).doesNotContain("WRONG");
    assertThat(onDatabase("prove", "7", "--out", file("p"), "--record-out", file("r")))
        .isZero();
    assertThat(run("check", file("p"), "--record", file("r"), "--key", mistyped))
        .as(said)
        .isEqualTo(1);
    assertThat(said).doesNotContain("WRONG");
    assertThat(onDatabase("verify", "--no-such-option")).isEqualTo(1);
    assertThat(onDatabase("verify", "--threads", "0")).isEqualTo(1);
    assertThat(onDatabase("verify", "--since", file("r"))).as(said).isEqualTo(1);
    Files.write(
        folder.resolve("foreign"),
        new Checkpoint("example.org/other", 5, Hash.of(new byte[32]))
            .sign(List.of(NoteSigner.generate("example.org/other")))
            .toBytes());
    assertThat(onDatabase("verify", "--since", file("foreign"))).as(said).isEqualTo(1);
    assertThat(said).doesNotContain("WRONG");
    assertThat(run("verify", "--url", "http://127.0.0.1:1", "--key", vkey, "--state", file("s")))
        .isEqualTo(1);
    assertThat(said).contains("begins at the start each time");
  }

  @Test
  void hashesOnAllCoresUnlessTold() {
    CommandLine verify = Objects.requireNonNull(
        new CommandLine(new TrailCommand()).getSubcommands().get("verify"));
    int threads = verify.getCommandSpec().findOption("--threads").getValue();
    assertThat(threads).isEqualTo(Runtime.getRuntime().availableProcessors());
  }

  @Test
  void goesOnWhereAnInterruptedRunWas() throws Exception {
    Options options =
        new Options(List.of(LogKey.parse(key.verifier().vkey())), List.of(), 1, Optional.empty());
    byte[][] state = new byte[1][];
    try (StoredTrail reader = StoredTrail.open(stored.url(), TestTrail.TRAIL)) {
      new TrailVerification(reader, options).run((next, size, reached) -> {
        state[0] = reached.orElseThrow();
        return true;
      });
    }
    Path file = folder.resolve("verify.state");
    Files.write(file, state[0]);
    assertThat(onDatabase("verify")).as(said).isZero();
    assertThat(said).contains("resumed at 512").contains("1 held elsewhere agree");
    assertThat(file).doesNotExist();
    Files.write(file, state[0]);
    assertThat(onDatabase("verify", "--restart")).as(said).isZero();
    assertThat(said).doesNotContain("resumed at");
    Files.write(file, state[0]);
    Files.write(
        folder.resolve("early"),
        new Checkpoint(key.name(), 100, Hash.of(new byte[32]))
            .sign(List.of(key))
            .toBytes());
    assertThat(onDatabase("verify", "--since", file("early"))).as(said).isEqualTo(2);
    assertThat(said).contains("WRONG: earlier checkpoint");
  }

  @Test
  void theExportedLogIsServedByAnyServer() throws IOException {
    assertThat(onDatabase("export", file("log"))).as(said).isZero();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/audit/log/", exchange -> {
      Path wanted = folder.resolve(exchange.getRequestURI().getPath().substring(7));
      boolean there = Files.isRegularFile(wanted);
      byte[] body = there ? Files.readAllBytes(wanted) : new byte[0];
      exchange.sendResponseHeaders(there ? 200 : 404, there ? body.length : -1);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/audit/log";
      String[] verify = {"verify", "--url", url, "--key", key.verifier().vkey()};
      assertThat(run(verify)).as(said).isZero();
      assertThat(said).contains("600 entries lead to the signed root");
      Path bundle = folder.resolve("log/tile/entries/001");
      byte[] bytes = Files.readAllBytes(bundle);
      bytes[35 * 44 + 20] ^= 1;
      Files.write(bundle, bytes);
      assertThat(run(verify)).as(said).isEqualTo(2);
      assertThat(said).contains("WRONG: entry at index 300");
    } finally {
      server.stop(0);
    }
  }

  /** The files a configuration names were passed over. */
  @Test
  void theSignersFilesAreThoseOfTheConfiguration() throws IOException {
    byte[] other = new Checkpoint(key.name(), 600, Hash.of(new byte[32]))
        .sign(List.of(key))
        .toBytes();
    Files.write(folder.resolve("elsewhere"), other);
    String named = "trail.signer-state-copy=" + file("elsewhere");
    assertThat(onDatabase("verify")).as(said).isZero();
    assertThat(onDatabase("verify", "--set", named)).as(said).isEqualTo(2);
    assertThat(said).contains("WRONG: earlier checkpoint");
    Files.writeString(
        folder.resolve("conf.yaml"),
        "trail:\n  signer-state-file: " + file("elsewhere") + "\n  signer-state-copy: none\n");
    assertThat(onDatabase("verify", "--config", file("conf.yaml"))).as(said).isEqualTo(2);
    assertThat(onDatabase("reopen", "--reason", "r", "--config", file("conf.yaml")))
        .as(said)
        .isZero();
    assertThat(folder.resolve("elsewhere")).doesNotExist();
    assertThat(folder.resolve("last-checkpoint")).exists();
  }

  @Test
  void onlyAKeyThatSignsTheTrailReopensIt() throws IOException {
    NoteSigner namesake = NoteSigner.generate(key.name());
    Files.writeString(folder.resolve("trail.key"), namesake.secret());
    assertThat(onDatabase("reopen", "--reason", "r")).as(said).isEqualTo(1);
    assertThat(stored.query("SELECT origin FROM vedette.trail_head")).containsExactly(key.name());
    assertThat(folder.resolve("trail.key.reopened")).doesNotExist();
    Files.writeString(folder.resolve("trail.key"), key.secret());
    Files.writeString(folder.resolve("trail.key.reopened"), "of a run that died\n");
    assertThat(onDatabase("reopen", "--reason", "r")).as(said).isEqualTo(1);
    assertThat(folder.resolve("trail.key.reopened")).hasContent("of a run that died");
    Files.delete(folder.resolve("trail.key.reopened"));
    assertThat(onDatabase("reopen", "--reason", "r")).as(said).isZero();
    assertThat(said).contains("agrees with what was signed up to 600");
  }

  @Test
  void saysHowMuchOfWhatWasSignedIsLeft() {
    append(100);
    sign(699);
    stored.execute(
        "DELETE FROM vedette.checkpoint WHERE size = 700;"
            + " DELETE FROM vedette.record WHERE index >= 600;"
            + " DELETE FROM vedette.trail_batch WHERE first_index >= 600;"
            + " UPDATE vedette.trail_head SET size = 600, batch = (SELECT max(number) FROM vedette.trail_batch)");
    append(50); // another history after the one that was signed
    assertThat(onDatabase("reopen", "--reason", "r")).as(said).isZero();
    assertThat(said)
        .contains("reopened with 650 entries; 50 that were signed are lost")
        .contains("agrees with what was signed up to 600");
    assertThat(stored
            .query("SELECT convert_from(canonical, 'UTF8') FROM vedette.record WHERE index = 650")
            .get(0))
        .contains("\"agrees_up_to\":600");
  }

  /** Both sign for a while; who knows either accepts, and in the end only the new one does. */
  @Test
  void aKeyIsReplacedWhileBothSign() throws IOException {
    NoteSigner next = NoteSigner.generate(key.name());
    Files.writeString(folder.resolve("next.key"), next.secret());
    String[] byOld = {"verify", "--key", key.verifier().vkey()};
    String[] byNew = {"verify", "--key", next.verifier().vkey()};
    append(1);
    sign(
        service(
            Map.of("trail.key-file", file("trail.key"), "trail.next-key-file", file("next.key"))),
        600);
    assertThat(onDatabase(byOld)).as(said).isZero();
    assertThat(onDatabase(byNew)).as(said).isZero();
    append(1);
    sign(
        service(Map.of(
            "trail.key-file", file("next.key"), "trail.previous-key-file", file("trail.key"))),
        601);
    assertThat(onDatabase(byOld)).as(said).isZero();
    assertThat(onDatabase(byNew)).as(said).isZero();
    append(1);
    sign(service(Map.of("trail.key-file", file("next.key"))), 602);
    assertThat(onDatabase(byNew)).as(said).isZero();
    assertThat(onDatabase(byOld)).as(said).isEqualTo(2);
    assertThat(onDatabase("keys")).isZero();
    assertThat(said)
        .contains(next.verifier().vkey() + "   database, signs")
        .contains(key.verifier().vkey() + "   database, signed earlier");
  }
}
