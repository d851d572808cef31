package io.vedette.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Checkpoint, tiles, entry bundles and proofs of an instance, judged by code of others: Go's golang.org/x/mod/sumdb, as Debian packages it, behind {@code c2sp/accept.go}. */
class OtherVerifierIT {
  private static final Path SUMDB = Path.of("/usr/share/gocode");
  private static final int RECORDS = 700;

  private static Path folder = Path.of("");

  @SuppressWarnings("NullAway.Init") // by start()
  private static Path accept;

  @SuppressWarnings("NullAway.Init") // by start()
  private static VedetteProcess vedette;

  @BeforeAll
  static void start() throws Exception {
    Path go = Tools.require("go");
    requireSumdb();
    folder = Files.createTempDirectory(
        "vedette-it",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    accept = folder.resolve("accept");
    Path source =
        Path.of(Objects.requireNonNull(OtherVerifierIT.class.getResource("/c2sp/accept.go"))
            .toURI());
    ProcessBuilder build =
        new ProcessBuilder(go.toString(), "build", "-o", accept.toString(), source.toString());
    build
        .environment()
        .putAll(Map.of(
            "GO111MODULE",
            "off",
            "GOPATH",
            SUMDB.toString(),
            "GOFLAGS",
            "",
            "GOCACHE",
            folder.resolve("go-cache").toString()));
    assertThat(run(build)).as("go build").isEmpty();
    vedette = VedetteProcess.up(folder, "--no-default-sources");
    HttpResponse<String> answer =
        vedette.send(HttpRequest.newBuilder(URI.create(vedette.url("collector") + "/v1/records"))
            .header("Prefer", "wait=30")
            .POST(HttpRequest.BodyPublishers.ofString(
                "{\"message\":\"seen\",\"actor\":\"ann\"}\n".repeat(RECORDS))));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  @AfterAll
  static void stop() throws IOException {
    if (vedette != null) {
      vedette.close();
    }
    if (accept != null) {
      Folders.delete(folder);
    }
  }

  private static void requireSumdb() {
    if (Files.isDirectory(SUMDB.resolve("src/golang.org/x/mod/sumdb/tlog"))) {
      return;
    }
    String missing = "golang.org/x/mod: not found below " + SUMDB + " (golang-golang-x-mod-dev)";
    if (System.getProperty("tools.required") != null) {
      Assertions.fail(missing + " (required by -Dtools.required)");
    }
    Assumptions.abort(missing);
  }

  private static String run(ProcessBuilder builder) throws Exception {
    Process process = builder.redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    return process.exitValue() == 0 || !printed.isEmpty() ? printed : "exit " + process.exitValue();
  }

  private static String accept(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(accept.toString()));
    command.addAll(List.of(arguments));
    return run(new ProcessBuilder(command));
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }

  private static void assertRejectsAFlippedByte(Path file, int at, String... arguments)
      throws Exception {
    flip(file, at);
    assertThat(accept(arguments)).as(file + " byte " + at).startsWith("not accepted: ");
    flip(file, at);
    assertThat(accept(arguments)).startsWith("accepted: ");
  }

  @Test
  void theLogOverHttpIsAccepted() throws Exception {
    assertThat(
            accept("log", vedette.trailKey(), vedette.url("edge") + "/trails/1", vedette.token()))
        .startsWith("accepted: ");
  }

  @Test
  void theExportedLogIsAcceptedAndNoneOfItWithAFlippedByte() throws Exception {
    Path log = folder.resolve("log");
    VedetteProcess.run(
        "trail", "export", log.toString(), "--data-dir", folder.resolve("data").toString());
    String[] judged = {"log", vedette.trailKey(), log.toString()};
    assertThat(accept(judged)).startsWith("accepted: 7");
    assertRejectsAFlippedByte(log.resolve("tile/entries/001"), 35 * 44 + 20, judged);
    assertRejectsAFlippedByte(log.resolve("tile/0/001"), 32 * 44 + 7, judged);
    assertRejectsAFlippedByte(log.resolve("tile/1/000.p/2"), 40, judged);
    long end = Files.size(log.resolve("checkpoint"));
    assertRejectsAFlippedByte(log.resolve("checkpoint"), (int) end - 20, judged); // the signature
  }

  @Test
  void aProofIsAcceptedForItsRecordAlone() throws Exception {
    Path proof = folder.resolve("p.tlog-proof");
    Path record = folder.resolve("r.json");
    Files.writeString(proof, vedette.get("edge", "/api/v1/records/300/proof").body());
    Files.writeString(
        record, vedette.get("edge", "/api/v1/records/300/canonical").body());
    String[] judged = {"record", vedette.trailKey(), proof.toString(), record.toString()};
    assertThat(accept(judged)).startsWith("accepted: record 300 of 7");
    assertRejectsAFlippedByte(record, 20, judged);
    int hash = Files.readString(proof).indexOf("\nindex 300\n") + 20;
    assertRejectsAFlippedByte(proof, hash, judged);
  }
}
