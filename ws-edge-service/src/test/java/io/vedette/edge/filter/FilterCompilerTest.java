package io.vedette.edge.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.filter.FilterCompiler.Compiled;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Expressions compiled once for all who want them. */
class FilterCompilerTest {
  private final List<Runnable> worker = new ArrayList<>();
  private final FilterCompiler compiler = new FilterCompiler(worker::add);

  private Compiled compile(String topic, String text) {
    var answer = compiler.compile(topic, text).toCompletableFuture();
    worker.forEach(Runnable::run);
    worker.clear();
    return answer.getNow(new Compiled(null, "no answer"));
  }

  /** Holders of an evicted filter release it by identity; the next one of the same text must not be theirs. */
  @Test
  void eachAnswerIsAnotherFilter() {
    Filter one = Objects.requireNonNull(compile("records", "actor == 'a'").filter());
    Filter two = Objects.requireNonNull(compile("records", "actor == 'a'").filter());
    assertThat(two).isNotSameAs(one);
    assertThat(two.key()).isEqualTo(one.key());
  }

  @Test
  void recordsAndPublicationsHaveDifferentNames() {
    assertThat(compile("records", "actor == 'a'").refusal()).isEmpty();
    assertThat(compile("alerts", "actor == 'a'").refusal()).contains("actor");
    assertThat(compile("alerts", "labels.host == 'a'").filter()).isNotNull();
    assertThat(compile("findings", "labels.host == 'a'").filter()).isNotNull();
  }

  @Test
  void theOldestIsForgottenFirst() {
    for (int i = 0; i <= FilterCompiler.MAX_REMEMBERED; i++) {
      compile("records", "actor == '" + i + "'");
    }
    compiler.compile("records", "actor == '1'");
    assertThat(worker).isEmpty();
    compiler.compile("records", "actor == '0'");
    assertThat(worker).hasSize(1);
  }
}
