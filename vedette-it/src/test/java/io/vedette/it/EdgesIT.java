package io.vedette.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two edges as processes of their own. Killed again and again under load, or told to leave behind nginx: every client sees every publication once and in order, whichever edge it is on. 3 kills and 100
 * clients; 50 and 1,000 with {@code -Plong}, or as {@code vedette.resume.kills} and {@code .clients} say.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SuppressWarnings("NullAway.Init") // the cluster is started before all tests
class EdgesIT {
  private static final Logger log = LoggerFactory.getLogger(EdgesIT.class);
  private static final boolean LONG = Boolean.getBoolean("vedette.long");
  private static final int KILLS = Integer.getInteger("vedette.resume.kills", LONG ? 50 : 3);
  private static final int CLIENTS =
      Integer.getInteger("vedette.resume.clients", LONG ? 1_000 : 100);
  /** All clients together parse at most 20,000 publications a second: they share one event loop, and what it cannot take would be measured instead of the edges. */
  private static final int BATCHES_PER_SECOND = Math.max(1, Math.min(10, 2_000 / CLIENTS));

  private static final int BALANCED = 20;
  private static final Duration SOON = Duration.ofSeconds(60);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private EdgeCluster cluster;

  @BeforeAll
  void start() throws Exception {
    cluster = new EdgeCluster(2);
  }

  @AfterAll
  void stop() throws Exception {
    cluster.close();
  }

  @Test
  @Order(1)
  void offsetsAreGaplessAndWithoutDoublesClientByClient() throws Exception {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    List<ResumingClient> clients = new ArrayList<>();
    try {
      WebSocketClient sockets = vertx.createWebSocketClient(
          new WebSocketClientOptions().setMaxConnections(2 * CLIENTS + 10));
      for (int i = 0; i < CLIENTS; i++) {
        int home = i % 2;
        clients.add(new ResumingClient(
            vertx,
            sockets,
            "records",
            () -> cluster.port(ThreadLocalRandom.current().nextInt(3) > 0 ? home : 1 - home)));
      }
      Await.until(
          SOON,
          () -> clients.stream().filter(ResumingClient::isRegistered).count(),
          registered -> registered == CLIENTS);
      long first = clients.stream().mapToLong(ResumingClient::last).min().orElseThrow();
      long last;
      try (EdgeCluster.Load load = cluster.new Load(BATCHES_PER_SECOND)) {
        for (int kill = 0; kill < KILLS; kill++) {
          int victim = kill % 2;
          long before = cluster.append(1);
          caughtUp(clients, before);
          cluster.edge(victim).kill();
          long missed = load.last() + 10;
          Await.until(SOON, load::last, newest -> newest >= missed);
          caughtUp(clients, missed); // on the other edge
          if (kill < KILLS - 1) {
            cluster.restart(victim);
          }
        }
        last = load.last();
      }
      last = Math.max(last, cluster.append(1));
      caughtUp(clients, last);

      long resumes = clients.stream().mapToLong(ResumingClient::resumes).sum();
      assertThat(clients).allSatisfy(client -> assertThat(client.wrong()).isNull());
      assertThat(resumes).as("clients whose edge was killed").isGreaterThanOrEqualTo(KILLS);
      log.info(
          "resume: kills={} clients={} publications={} received={} resumes={} replayed={}",
          KILLS,
          CLIENTS,
          last - first,
          clients.stream().mapToLong(ResumingClient::received).sum(),
          resumes,
          clients.stream().mapToLong(ResumingClient::replayed).sum());
    } finally {
      clients.forEach(ResumingClient::stop);
      vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }

  private static void caughtUp(List<ResumingClient> clients, long index) throws Exception {
    Await.until(
        SOON,
        () -> {
          for (ResumingClient client : clients) {
            assertThat(client.wrong()).isNull();
          }
          return clients.stream().mapToLong(ResumingClient::last).min().orElseThrow();
        },
        slowest -> slowest >= index);
  }

  @Test
  @Order(2)
  void sessionsMoveToTheOtherEdgeWithoutAMissedAlert() throws Exception {
    Path nginx = nginx();
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    List<ResumingClient> clients = new ArrayList<>();
    try {
      cluster.revive();
      cluster.startAlerts();
      int port = freePort();
      Process balancer = start(nginx, cluster, port);
      try {
        WebSocketClient sockets = vertx.createWebSocketClient();
        for (int i = 0; i < BALANCED; i++) {
          clients.add(new ResumingClient(vertx, sockets, "alerts", () -> port));
        }
        Await.until(
            SOON,
            () -> clients.stream().filter(ResumingClient::isRegistered).count(),
            registered -> registered == BALANCED);
        long before = clients.get(0).last();
        cluster.alert("before");
        Await.until(SOON, () -> slowest(clients), last -> last > before);

        PlainClient leaver = new PlainClient("ws://localhost:" + cluster.port(0) + "/monitor", 0);
        CompletableFuture<Integer> ready = leaver.closed.thenApply(code -> {
          assertThat(code).isEqualTo(1001);
          return ready(cluster.port(0));
        });
        CompletableFuture<Integer> left = CompletableFuture.supplyAsync(() -> stop(cluster));
        for (int i = 0; i < 10; i++) {
          cluster.alert("during-" + i);
        }
        assertThat(ready.get(30, TimeUnit.SECONDS))
            .as("not ready before its sessions were told to go")
            .isEqualTo(503);
        assertThat(left.get(60, TimeUnit.SECONDS)).as("exit code").isIn(0, 143);
        cluster.alert("after");

        long head =
            Await.until(SOON, () -> slowest(clients), last -> last >= before + 12 && even(clients));
        assertThat(head).isGreaterThanOrEqualTo(before + 12);
        assertThat(clients).allSatisfy(client -> assertThat(client.wrong()).isNull());
        assertThat(clients.stream().mapToLong(ResumingClient::resumes).sum())
            .as("sessions that moved")
            .isPositive();
        leaver.close();
      } finally {
        balancer.destroy();
        assertThat(balancer.waitFor(20, TimeUnit.SECONDS)).isTrue();
      }
    } finally {
      clients.forEach(ResumingClient::stop);
      vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }

  /** What a person sees whose edge was killed: the page comes back by itself and says what it caught up with. */
  @Test
  @Order(3)
  void theDashboardResumesWhenItsEdgeIsBack() throws Exception {
    Path chromium = Tools.require("chromium");
    cluster.revive();
    try (Playwright playwright = Playwright.create(new Playwright.CreateOptions()
            .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser = playwright
            .chromium()
            .launch(new BrowserType.LaunchOptions()
                .setExecutablePath(chromium)
                .setArgs(List.of("--no-sandbox", "--disable-gpu", "--no-first-run")))) {
      Page page = browser.newPage();
      LocatorAssertions.ContainsTextOptions soon =
          new LocatorAssertions.ContainsTextOptions().setTimeout(SOON.toMillis());
      page.navigate(cluster.edge(0).url("edge") + "/#token=" + cluster.token());
      PlaywrightAssertions.assertThat(page.locator(".connection")).containsText("Connected", soon);
      cluster.append(3);
      PlaywrightAssertions.assertThat(page.locator("vd-records")).containsText("resume", soon);

      cluster.edge(0).kill();
      cluster.append(60);
      cluster.restart(0);

      PlaywrightAssertions.assertThat(page.locator(".pill.info"))
          .containsText(Pattern.compile("resumed, [1-9][0-9]* replayed"), soon);
      Files.createDirectories(Path.of("target"));
      page.screenshot(
          new Page.ScreenshotOptions().setPath(Path.of("target", "dashboard-resumed.png")));
    }
  }

  /** {@code @vertx/eventbus-bridge-client.js} and sockjs-client as published, in a page of the edge. */
  @Test
  @Order(4)
  void thePublicClientWorksInABrowser() throws Exception {
    Path chromium = Tools.require("chromium");
    Path modules = modules();
    cluster.revive();
    try (Playwright playwright = Playwright.create(new Playwright.CreateOptions()
            .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser = playwright
            .chromium()
            .launch(new BrowserType.LaunchOptions()
                .setExecutablePath(chromium)
                .setArgs(List.of("--no-sandbox", "--disable-gpu", "--no-first-run")))) {
      Page page =
          browser.newContext(new Browser.NewContextOptions().setBypassCSP(true)).newPage();
      List<String> said = new CopyOnWriteArrayList<>();
      page.onConsoleMessage(message -> said.add(message.text()));
      page.onPageError(said::add);
      page.navigate(cluster.edge(0).url("edge") + "/health/live");
      said.clear(); // the browser asked for an icon
      for (String script : List.of(
          "sockjs-client/dist/sockjs.js", "@vertx/eventbus-bridge-client.js/vertx-eventbus.js")) {
        page.addScriptTag(new Page.AddScriptTagOptions().setPath(modules.resolve(script)));
      }
      page.evaluate("""
          () => {
            window.heard = [];
            const bus = new EventBus('/eventbus');
            bus.onopen = () => {
              bus.registerHandler('records', (error, message) => heard.push(error ? JSON.stringify(error) : message.body.record.kind));
              window.ready = true;
            };
          }
          """);
      page.waitForFunction(
          "() => window.ready",
          null,
          new Page.WaitForFunctionOptions().setTimeout(SOON.toMillis()));
      Await.until(
          SOON,
          () -> {
            cluster.append(1);
            return (Integer) page.evaluate("() => heard.filter(kind => kind === 'load').length");
          },
          loads -> loads >= 3);
      assertThat(said).as("nothing unhandled").isEmpty();
    }
  }

  private static Path modules() throws Exception {
    Path folder = Path.of("target", "bridge-client").toAbsolutePath();
    Path modules = folder.resolve("node_modules");
    if (!Files.isDirectory(modules)) {
      Path npm = Tools.require("npm");
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("package.json"), "{\"private\":true}");
      Process install = new ProcessBuilder(
              npm.toString(),
              "install",
              "--no-audit",
              "--no-fund",
              "--ignore-scripts",
              "@vertx/eventbus-bridge-client.js@1.0.0")
          .directory(folder.toFile())
          .redirectErrorStream(true)
          .redirectOutput(folder.resolve("npm.txt").toFile())
          .start();
      if (!install.waitFor(150, TimeUnit.SECONDS) || install.exitValue() != 0) {
        install.destroyForcibly();
        String why = "npm install: " + Files.readString(folder.resolve("npm.txt"));
        assertThat(System.getProperty("tools.required")).as(why).isNull();
        Assumptions.abort(why);
      }
    }
    return modules;
  }

  private static long slowest(List<ResumingClient> clients) {
    for (ResumingClient client : clients) {
      assertThat(client.wrong()).isNull();
    }
    return clients.stream().mapToLong(ResumingClient::last).min().orElseThrow();
  }

  private static boolean even(List<ResumingClient> clients) {
    return clients.stream().mapToLong(ResumingClient::last).distinct().count() == 1;
  }

  private static int stop(EdgeCluster cluster) {
    try {
      return cluster.edge(0).stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** 503 also when the door is closed already. */
  private int ready(int port) {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/health/ready"))
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException closed) {
      return 503;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Debian puts it where the PATH of users does not lead. */
  private static Path nginx() {
    Path debian = Path.of("/usr/sbin/nginx");
    return Files.isExecutable(debian) ? debian : Tools.require("nginx");
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  private static Process start(Path nginx, EdgeCluster cluster, int port) throws Exception {
    Path folder = Files.createDirectory(cluster.folder().resolve("nginx"));
    Path config = Files.writeString(folder.resolve("nginx.conf"), """
        daemon off;
        master_process off;
        pid %1$s/pid;
        error_log %1$s/error.log;
        events { worker_connections 1024; }
        http {
          access_log off;
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          upstream edges {
            server 127.0.0.1:%2$d max_fails=1 fail_timeout=5s;
            server 127.0.0.1:%3$d max_fails=1 fail_timeout=5s;
          }
          server {
            listen 127.0.0.1:%4$d;
            location / {
              proxy_pass http://edges;
              proxy_http_version 1.1;
              proxy_set_header Host $http_host;
              proxy_set_header Upgrade $http_upgrade;
              proxy_set_header Connection upgrade;
              proxy_set_header X-Forwarded-For $remote_addr;
              proxy_next_upstream error timeout http_503;
              proxy_read_timeout 300s;
            }
          }
        }
        """.formatted(
            folder, cluster.port(0), cluster.port(1), port));
    Process process = new ProcessBuilder(
            nginx.toString(),
            "-p",
            folder.toString(),
            "-e",
            folder + "/error.log",
            "-c",
            config.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("output").toFile())
        .start();
    HttpClient probe = HttpClient.newHttpClient();
    Await.until(
        SOON,
        () -> {
          assertThat(process.isAlive())
              .as(Files.readString(folder.resolve("output")))
              .isTrue();
          try {
            return probe
                .send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/health/live"))
                        .build(),
                    HttpResponse.BodyHandlers.discarding())
                .statusCode();
          } catch (IOException notYet) {
            return 0;
          }
        },
        status -> status == 200);
    return process;
  }
}
