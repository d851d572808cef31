package io.vedette.standalone;

import io.vedette.analyzer.AnalyzerConfig;
import io.vedette.analyzer.RulesFolder;
import io.vedette.analyzer.rule.RulesParser;
import io.vedette.collector.source.host.HostSampler;
import io.vedette.runtime.config.Config;
import io.vedette.store.Migrations;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Uses the seconds in which a database is made or started: a second thread does once, for nothing, what the services do next, so that its classes are
 * loaded. What it finds is thrown away; a failure is for the service to tell, which meets it again.
 */
final class Warmup {
  private static final Logger LOG = LoggerFactory.getLogger(Warmup.class);

  private Warmup() {}

  static void begin(Config config) {
    Thread thread = new Thread(
        () -> {
          attempt("migrations", Migrations::preload);
          attempt(
              "rules",
              () -> RulesParser.parse(RulesFolder.read(Path.of(config.get(AnalyzerConfig.RULES)))));
          attempt(
              "host", () -> new HostSampler("warm-up").sample(System.currentTimeMillis() * 1000));
        },
        "vedette-warm-up");
    thread.setDaemon(true);
    thread.start();
  }

  private interface Task {
    void run() throws Exception;
  }

  private static void attempt(String what, Task task) {
    try {
      task.run();
    } catch (Exception e) {
      LOG.debug("not warmed up: {}", what, e);
    }
  }
}
