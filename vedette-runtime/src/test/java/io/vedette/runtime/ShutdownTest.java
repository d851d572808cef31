package io.vedette.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShutdownTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private final List<String> ran = new ArrayList<>();
  private final Shutdown shutdown = new Shutdown();

  private Future<?> run(String name) {
    ran.add(name);
    return Future.succeededFuture();
  }

  @Test
  void runsBackwards() {
    shutdown.push("database", LONG, () -> run("database"));
    shutdown.push("service", LONG, () -> run("service"));

    assertThat(shutdown.runAndWait(LONG)).isEmpty();
    assertThat(ran).containsExactly("service", "database");
  }

  @Test
  void oneThatFailsHangsOrThrowsKeepsNoOtherFromRunning() {
    shutdown.push("first", LONG, () -> run("first"));
    shutdown.push("fails", LONG, () -> Future.failedFuture(new IllegalStateException("no")));
    shutdown.push("hangs", Duration.ofMillis(1), () -> Promise.promise().future());
    shutdown.push("throws", LONG, () -> {
      throw new IllegalStateException("thrown");
    });

    assertThat(shutdown.runAndWait(LONG))
        .containsExactly(
            "throws: java.lang.IllegalStateException: thrown",
            "hangs: not finished after 1 ms",
            "fails: java.lang.IllegalStateException: no");
    assertThat(ran).containsExactly("first");
  }

  @Test
  void runsOnce() {
    shutdown.push("only", LONG, () -> run("only"));

    shutdown.runAndWait(LONG);
    shutdown.runAndWait(LONG);

    assertThat(ran).containsExactly("only");
  }

  @Test
  void cleanupThatComesTooLateIsRefused() {
    shutdown.runAndWait(LONG);

    assertThatThrownBy(() -> shutdown.push("late", LONG, () -> run("late")))
        .hasMessageContaining("late comes too late");
  }
}
