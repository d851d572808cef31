package io.vedette.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A real browser at an edge that joined {@code up --cluster} as a second process: what the page shows live has crossed the codecs. Live charts, a record sent by {@code logger}, an alert that fires and
 * resolves, both colour schemes; beside it pages of other people, who open a bare WebSocket.
 */
class BrowserIT {
  private static final double SOON_MS = 60_000;
  private static final Duration SOON = Duration.ofSeconds(60);

  /** What the page draws: by card, the points of each line of the chart library itself. */
  private static final String DRAWN = """
      async () => {
        const echarts = await import('echarts/dist/echarts.esm.min.js');
        const drawn = {};
        for (const plot of document.querySelectorAll('.chart .plot')) {
          const lines = echarts.getInstanceByDom(plot)?.getOption()?.series ?? [];
          drawn[plot.dataset.card] = lines.map((line) => line.data.filter((point) => point[1] !== null).length);
        }
        return ['cpu', 'memory', 'load', 'network'].every((card) => drawn[card]?.some((points) => points >= 3));
      }""";

  /** Whether the chart of the CPU begins before that time. */
  private static final String BEGINS_BEFORE = """
      async (ms) => {
        const echarts = await import('echarts/dist/echarts.esm.min.js');
        const plot = document.querySelector('.plot[data-card=cpu]');
        const lines = (plot && echarts.getInstanceByDom(plot)?.getOption()?.series) ?? [];
        return lines.some((line) => line.name === 'total' && line.data.some((point) => point[1] !== null && point[0] < ms));
      }""";

  /** Colours that mark the rows of these messages. */
  private static final String COLOURS = """
      (messages) => {
        const rows = [...document.querySelectorAll('vd-records .row:not([hidden])')];
        return messages.map((message) => {
          const row = rows.find((one) => one.textContent.includes(message));
          return row ? getComputedStyle(row.querySelector('.level')).color : '';
        });
      }""";

  /** Three lines of JavaScript, as somebody without a library writes them, and a note of what came. */
  private static final String PLAIN_CLIENT = """
      ([name, query]) => {
        const told = { messages: 0, pongs: 0, closed: null };
        (window.told ??= {})[name] = told;
        const socket = new WebSocket('ws://' + location.host + '/monitor' + query);
        socket.onmessage = (event) => {
          told.messages++;
          if (event.data.includes('pong')) told.pongs++;
        };
        socket.onopen = () => setInterval(() => socket.send('心跳'), 10_000);
        socket.onclose = (event) => (told.closed = event.code);
      }""";

  /** Twice the idle limit without being closed, and each heartbeat answered. */
  private static final String STAYED =
      "(name) => told[name].closed !== null || told[name].pongs >= 2";

  private static final String README_RECEIVED =
      "() => seen.some((frame) => frame.type === 'rec' && frame.address === 'records')";

  @Test
  void showsTheMachineLiveAndAnAlertFromItsFiringToItsEnd() throws Exception {
    Path chromium = Tools.require("chromium");
    Path logger = Tools.require("logger");
    Path folder = Files.createTempDirectory(
        "vedette-it",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    Path rules = Files.createDirectories(folder.resolve("rules"));
    copyRules(rules);
    // A short window, so that the alert of this story ends within it.
    Files.writeString(rules.resolve("story.yaml"), """
        rules:
          - alert: StoryTold
            on: records
            where: kind == "story"
            group_by: target
            window: {size: 5s, slide: 1s}
            statistic: count
            condition: ">= 3"
            labels: {severity: warning}
            annotations: {summary: "{{ $value }} lines of the story"}
        """);
    // No log files: while their history streams in, pages are shown a sample of the records, and
    // one
    // line could be missed.
    Path config = Files.writeString(
        folder.resolve("vedette.yaml"), "collector:\n  sources:\n    - {name: host, kind: host}\n");
    try (VedetteProcess vedette = VedetteProcess.up(
            folder,
            "--cluster",
            "--no-default-sources",
            "--config",
            config.toString(),
            "--set",
            "cluster.port=0",
            "--set",
            "cluster.bus-port=0",
            "--set",
            "analyzer.rules.path=" + rules);
        Browsing browsing = new Browsing(chromium)) {
      long edgeBegunMs = System.currentTimeMillis();
      try (VedetteProcess edge = joinedEdge(folder, vedette)) {
        tell(folder, vedette, edge, browsing, logger, edgeBegunMs);
      }
    } finally {
      Folders.delete(folder);
    }
  }

  private static void tell(
      Path folder,
      VedetteProcess vedette,
      VedetteProcess edge,
      Browsing browsing,
      Path logger,
      long edgeBegunMs)
      throws Exception {
    String viewer = VedetteProcess.run(
            "token",
            "create",
            "--role",
            "viewer",
            "--ttl",
            "1h",
            "--data-dir",
            folder.resolve("data").toString())
        .strip();
    Page others = browsing.page(ColorScheme.LIGHT); // of nobody: without the cookie
    others.navigate("http://localhost:" + edge.port("edge.http") + "/");
    others.evaluate(PLAIN_CLIENT, List.of("bare", ""));
    others.evaluate(PLAIN_CLIENT, List.of("token", "?access_token=" + viewer));

    List<String> errors = new CopyOnWriteArrayList<>();
    Page page = browsing.page(ColorScheme.DARK);
    page.onConsoleMessage(message -> {
      if (message.type().equals("error")) {
        errors.add(message.text());
      }
    });
    page.onPageError(errors::add);
    page.navigate(edge.url("edge") + "/#token=" + vedette.token());
    LocatorAssertions.ContainsTextOptions soon =
        new LocatorAssertions.ContainsTextOptions().setTimeout(SOON_MS);
    assertThat(page.locator(".connection")).containsText("Connected", soon);
    assertThat(page.url()).doesNotContain(vedette.token());
    waitFor(page, DRAWN, null);

    Await.until(
        SOON,
        () -> Metrics.of(edge, "edge").sum("vedette_edge_subscriptions{topic=\"records\"}"),
        open -> open >= 1);
    Command line = Command.run(
        Duration.ofSeconds(20),
        List.of(
            logger.toString(),
            "--server",
            "127.0.0.1",
            "--port",
            Integer.toString(vedette.port("collector.syslog")),
            "--udp",
            "--rfc5424",
            "seen in the browser"));
    assertThat(line.code()).as(line.printed()).isZero();
    assertThat(page.locator("vd-records")).containsText("seen in the browser", soon);

    List<String> levels = List.of("level info", "level warn", "level error", "level fatal");
    for (String message : levels) {
      vedette.post(
          "collector",
          "/v1/records",
          "{\"message\":\"" + message + "\",\"severity\":\"" + message.substring(6) + "\"}");
    }
    assertThat(page.locator("vd-records")).containsText("level fatal", soon);
    @SuppressWarnings("unchecked")
    List<String> colours = (List<String>) page.evaluate(COLOURS, levels);
    assertThat(colours).doesNotContain("").doesNotHaveDuplicates();

    readmesClient(others, edge, viewer);

    vedette.post(
        "collector",
        "/v1/records",
        "{\"kind\":\"story\",\"action\":\"tell\",\"target\":\"chapter-1\"}\n".repeat(4));
    assertThat(page.locator("vd-alerts")).containsText("StoryTold", soon);
    assertThat(page.locator("vd-alerts .alert.firing").first()).isVisible();
    assertThat(page.locator("vd-alerts .alert.resolved").first())
        .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(SOON_MS));

    waitFor(others, README_RECEIVED, null);

    page.reload();
    waitFor(page, DRAWN, null);
    // Older than this edge: from the stored panes, not from its memory.
    waitFor(page, BEGINS_BEFORE, (double) edgeBegunMs);
    Files.createDirectories(Path.of("target"));
    page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target", "dashboard.png")));

    assertThat(theme(page)).isEqualTo("dark");
    Object dark = background(page);
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
    waitFor(page, "() => document.documentElement.dataset.theme === 'light'", null);
    assertThat(background(page)).isNotEqualTo(dark);
    waitFor(page, DRAWN, null);
    assertThat(errors).isEmpty();

    for (String name : List.of("bare", "token")) {
      waitFor(others, STAYED, name);
      assertThat(others.evaluate("(name) => told[name].closed", name)).as(name).isNull();
      assertThat((Integer) others.evaluate("(name) => told[name].messages", name))
          .as(name)
          .isGreaterThanOrEqualTo(3);
    }
  }

  /** The root README's lines for a browser of one's own, as they stand there. */
  private static void readmesClient(Page page, VedetteProcess edge, String viewer)
      throws Exception {
    String lines = Readme.port(
        Readme.block("js", "new WebSocket("),
        "localhost:8080",
        "localhost:" + edge.port("edge.http"));
    page.evaluate(
        "(token) => { window.seen = []; const console = { log: (frame) => seen.push(frame) };\n"
            + lines + "\n}",
        viewer);
    waitFor(page, "() => seen.some((frame) => frame.type === 'welcome')", null);
  }

  private static VedetteProcess joinedEdge(Path folder, VedetteProcess vedette) throws Exception {
    return VedetteProcess.start(
        folder,
        "edge",
        List.of(
            "edge",
            "--set",
            "edge.http.port=0",
            "--set",
            "cluster.port=0",
            "--set",
            "cluster.bus-port=0",
            "--set",
            "edge.session.idle-limit=10s",
            "--set",
            "edge.auth.anonymous-role=viewer"),
        Map.of("VEDETTE_DATABASE_URL", vedette.databaseUrl()));
  }

  private static void waitFor(Page page, String condition, @Nullable Object argument) {
    page.waitForFunction(
        condition, argument, new Page.WaitForFunctionOptions().setTimeout(SOON_MS));
  }

  private static Object theme(Page page) {
    return page.evaluate("() => document.documentElement.dataset.theme");
  }

  private static Object background(Page page) {
    return page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor");
  }

  /** Chromium, with a context of its own for each person. */
  private static final class Browsing implements AutoCloseable {
    private final Playwright playwright;
    private final Browser browser;

    Browsing(Path chromium) {
      playwright = Playwright.create(
          new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
      browser = playwright
          .chromium()
          .launch(new BrowserType.LaunchOptions()
              .setExecutablePath(chromium)
              .setArgs(List.of(
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-background-networking",
                  "--disable-component-update",
                  "--disable-sync",
                  "--no-first-run")));
    }

    /** Tall enough for all charts: only those in sight are drawn. */
    Page page(ColorScheme scheme) {
      BrowserContext context = browser.newContext(
          new Browser.NewContextOptions().setColorScheme(scheme).setViewportSize(1400, 1800));
      return context.newPage();
    }

    @Override
    public void close() {
      browser.close();
      playwright.close();
    }
  }

  private static void copyRules(Path to) throws Exception {
    try (var shipped = Files.newDirectoryStream(Path.of("..", "config", "rules"), "*.yaml")) {
      for (Path file : shipped) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
