package io.vedette.trail.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vedette.trail.EntryBundle;
import io.vedette.trail.RefusedException;
import io.vedette.trail.TileId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RemoteLogTest {
  private static final int SIZE = 700;
  private final Sample log = Sample.of(new Random(5), 600, SIZE);
  private final Map<String, byte[]> files = new HashMap<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean stalls;
  private HttpServer server = open();

  @BeforeEach
  void serve() {
    log.tiles.forEach((tile, hashes) -> files.put(tile.path(), hashes));
    for (int first = 0; first < SIZE; first += 256) {
      int end = Math.min(SIZE, first + 256);
      files.put(
          TileId.inTree(TileId.ENTRIES, first / 256, SIZE).path(),
          EntryBundle.encode(log.entries.subList(first, end)));
    }
    files.put("checkpoint", checkpoint(SIZE));
    server.createContext("/log/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    ended.countDown();
    server.stop(0);
  }

  @Test
  void aLogIsVerifiedWithNothingButItsKey() throws IOException {
    assertThat(verify()).isEqualTo(new Verdict(SIZE, 0, 0, null));
  }

  @Test
  void aLogIsVerifiedAgainstAnEarlierCheckpoint() throws IOException {
    RemoteLog remote = remote("Authorization", "Bearer good");
    SignedCheckpoint now = SignedCheckpoint.open(remote.checkpoint(), Sample.KEY);
    try (LogVerifier verifier = LogVerifier.against(now)
        .tiles(remote)
        .earlier(log.checkpoint(600))
        .threads(2)
        .start()) {
      remote.feed(verifier);
      assertThat(verifier.finish().ok()).isTrue();
    }
  }

  /** Partial tiles may go when the full one is there; a client that has an older checkpoint then reads its beginning. */
  @Test
  void theBeginningOfAFullTileStandsForAPartialOne() throws IOException {
    files.put("checkpoint", checkpoint(600));
    files.keySet().removeIf(path -> path.contains(".p/"));
    Sample longer = Sample.of(new Random(5), 600, 768);
    longer.tiles.forEach((tile, hashes) -> files.put(tile.path(), hashes));
    files.put("tile/entries/002", EntryBundle.encode(longer.entries.subList(512, 768)));
    files.put("tile/1/000", files.getOrDefault("tile/1/000.p/3", new byte[0]));
    byte[] padded = new byte[8192];
    System.arraycopy(files.getOrDefault("tile/1/000", padded), 0, padded, 0, 64);
    files.put("tile/1/000", padded);
    files.remove("tile/1/000.p/2");
    assertThat(verify().ok()).isTrue();
  }

  @Test
  void aChangedEntryIsFound() throws IOException {
    files.getOrDefault("tile/entries/001", new byte[0])[35 * 44 + 20] ^= 1;
    assertThat(verify().fault())
        .extracting(Fault::toString)
        .asString()
        .startsWith("entry at index 300: ");
  }

  @Test
  void anAbsentBundleAndAShortOneAreMissingEntries() throws IOException {
    byte[] bundle = files.remove("tile/entries/001");
    assertThat(verify().fault())
        .extracting(Fault::first, Fault::reason)
        .containsExactly(256L, Reason.MISSING);
    files.put(
        "tile/entries/001", Arrays.copyOf(bundle == null ? new byte[0] : bundle, 35 * 44 + 1));
    assertThat(verify().fault())
        .extracting(Fault::first, Fault::reason)
        .containsExactly(300L, Reason.MISSING);
  }

  @Test
  void bytesBehindTheLastEntryAreNotPassedOver() {
    for (String path : new String[] {"tile/entries/001", "tile/entries/002.p/188"}) {
      byte[] bundle = files.getOrDefault(path, new byte[0]);
      files.put(path, Arrays.copyOf(bundle, bundle.length + 1));
      assertThatThrownBy(this::verify)
          .isInstanceOf(FaultException.class)
          .hasMessageContaining("1 bytes after its last entry");
      files.put(path, bundle);
    }
  }

  @Test
  void anAbsentTileIsFound() throws IOException {
    files.remove("tile/0/001");
    assertThat(verify().fault())
        .extracting(Fault::first, Fault::reason)
        .containsExactly(256L, Reason.TILE);
  }

  @Test
  void whatIsNoAnswerIsNoFault() {
    assertThatThrownBy(() -> remote("Authorization", "Bearer bad").checkpoint())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("401");
    assertThatThrownBy(() -> remote("Authorization", "Bearer bad").hashes(0, 0, 256))
        .isInstanceOf(UncheckedIOException.class);
    files.put("tile/0/000", new byte[8193]);
    assertThatThrownBy(this::verify)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("at most 8192 bytes");
    files.remove("checkpoint");
    assertThatThrownBy(this::verify)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("404 (expected: a checkpoint)");
  }

  /** It waited for ever: only the beginning of an answer had a limit. */
  @Test
  void aBodyThatStopsHalfwayIsNotWaitedForWithoutEnd() {
    stalls = true;
    RemoteLog remote = RemoteLog.at(
        base(), new BoundedGet(Duration.ofMillis(500), "Authorization", "Bearer good"));
    assertThatThrownBy(remote::checkpoint)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not all of it within");
    ended.countDown();
  }

  /** Pages end where they like, and what is gone is asked about once. */
  @Test
  void payloadsAreVerifiedBesideTheirEntries() throws IOException {
    Set<Long> gone = new TreeSet<>();
    Verdict verdict = verify(gone, -1);
    assertThat(verdict).isEqualTo(new Verdict(SIZE, SIZE - 2, 2, null));
    assertThat(gone).containsExactly(3L, 400L);
    assertThat(verify(gone, 300).fault())
        .extracting(Fault::first, Fault::reason)
        .containsExactly(300L, Reason.PAYLOAD);
  }

  private Verdict verify(Set<Long> gone, long forged) throws IOException {
    RemoteLog remote = remote("Authorization", "Bearer good");
    SignedCheckpoint checkpoint = SignedCheckpoint.open(remote.checkpoint(), Sample.KEY);
    PayloadSource source = (first, count) -> {
      List<PayloadSource.@Nullable Payload> page = new ArrayList<>();
      for (long index = first; index < first + Math.min(count, 100); index++) {
        byte[] record = Objects.requireNonNull(log.records.get((int) index));
        byte[] salt = Objects.requireNonNull(log.salts.get((int) index));
        page.add(
            index == 3 || index == 400
                ? null
                : new PayloadSource.Payload(salt, index == forged ? new byte[] {1} : record));
      }
      return page;
    };
    try (LogVerifier verifier = LogVerifier.against(checkpoint)
        .tiles(remote)
        .payloads(index -> {
          gone.add(index);
          return true;
        })
        .start()) {
      remote.feed(verifier, source);
      return verifier.finish();
    }
  }

  private Verdict verify() throws IOException {
    RemoteLog remote = remote("Authorization", "Bearer good");
    SignedCheckpoint checkpoint = SignedCheckpoint.open(remote.checkpoint(), Sample.KEY);
    try (LogVerifier verifier = LogVerifier.against(checkpoint).tiles(remote).start()) {
      remote.feed(verifier);
      return verifier.finish();
    }
  }

  private RemoteLog remote(String... headers) {
    return RemoteLog.at(base(), headers);
  }

  private URI base() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/log/");
  }

  private byte[] checkpoint(long size) {
    return log.checkpoints.getOrDefault(size, new byte[0]);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring("/log/".length());
    if (!"Bearer good".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      exchange.sendResponseHeaders(401, -1);
    } else if (!isLogPath(path) || !files.containsKey(path)) {
      exchange.sendResponseHeaders(404, -1);
    } else {
      byte[] body = files.getOrDefault(path, new byte[0]);
      boolean gzip = path.startsWith("tile/entries/");
      ByteArrayOutputStream encoded = new ByteArrayOutputStream();
      try (OutputStream out = gzip ? new GZIPOutputStream(encoded) : encoded) {
        out.write(body);
      }
      if (gzip) {
        exchange.getResponseHeaders().set("Content-Encoding", "gzip");
      }
      exchange.sendResponseHeaders(200, encoded.size());
      if (stalls) {
        exchange.getResponseBody().write(encoded.toByteArray(), 0, 1);
        exchange.getResponseBody().flush();
        untilEnded();
        return;
      }
      exchange.getResponseBody().write(encoded.toByteArray());
    }
    exchange.close();
  }

  private void untilEnded() throws IOException {
    try {
      assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** The writer's strict parser must know every path the verifier asks for. */
  private static boolean isLogPath(String path) {
    try {
      return path.equals("checkpoint") || TileId.parse(path).path().equals(path);
    } catch (RefusedException e) {
      throw new AssertionError(e);
    }
  }

  private static HttpServer open() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
