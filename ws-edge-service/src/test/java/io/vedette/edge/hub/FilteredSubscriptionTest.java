package io.vedette.edge.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.filter.FilterParser;
import io.vedette.edge.protocol.CloseCode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a subscription with a filter gets, live and from history, and what it is told. */
class FilteredSubscriptionTest {
  private static final String ANNA = "\"filter\":{\"actor\":\"anna\"}";

  private final Stage stage = new Stage(8, 2);

  private static String by(String actor) {
    return "{\"actor\":\"" + actor + "\",\"severity\":\"info\"}";
  }

  @Test
  void takesWhatItsFilterWantsAndSharesTheFrame() {
    stage.records.open("e", -1);
    Stage.Client equal = stage.client();
    Stage.Client cel = stage.client();
    Stage.Client all = stage.client();
    equal.register("records", ANNA);
    cel.register("records", "\"filter\":\"actor.startsWith('an')\"");
    all.register("records", "");
    stage.publish(0, by("anna"), by("bert"), by("anton"));
    assertThat(equal.offsets()).containsExactly(0L);
    assertThat(cel.offsets()).containsExactly(0L, 2L);
    assertThat(all.offsets()).containsExactly(0L, 1L, 2L);
    assertThat(equal.frames.get(0)).as("encoded once").isSameAs(cel.frames.get(0));
  }

  @Test
  void liveItIsToldEachSecondHowFarItHasCome() {
    stage.records.open("e", 3);
    Stage.Client client = stage.client();
    client.register("records", ANNA + ",\"position\":\"new\"");
    assertThat(client.written.get(0))
        .contains("\"registered\"", "\"position\":\"e:3\"", "\"filtered\":true", "\"search\":0");
    assertThat(client.written.get(1)).contains("\"replayed\"", "\"replay\":0");
    stage.publish(4, by("bert"), by("bert"));
    stage.records.announceHead();
    client.settle();
    assertThat(client.last()).contains("\"head\"", "\"position\":\"e:5\"", "\"reached\":\"e:5\"");
    assertThat(client.offsets()).isEmpty();
  }

  @Test
  void historyIsFilteredAndItsEndTold() {
    for (int i = 0; i < 30; i++) {
      stage.stored(i, by(i % 10 == 0 ? "anna" : "bert"));
    }
    stage.records.open("e", 29);
    Stage.Client client = stage.client();
    client.register("records", ANNA + ",\"position\":\"e:4\"");
    assertThat(client.written.get(0)).contains("\"recovered\":true", "\"search\":25");
    stage.records.announceHead();
    client.session.flush(); // before the search goes on
    assertThat(client.last())
        .as("not at the head yet, and told so")
        .contains("\"position\":\"e:29\"")
        .doesNotContain("\"reached\":\"e:29\"");
    stage.publish(30, by("anna"), by("bert")); // while it searches
    stage.stored(30, by("anna"));
    stage.stored(31, by("bert"));
    client.settle();
    assertThat(client.offsets()).containsExactly(10L, 20L, 30L);
    assertThat(client.last()).contains("\"replayed\"", "\"position\":\"e:31\"", "\"replay\":3");
    stage.publish(32, by("anna"));
    assertThat(client.offsets()).containsExactly(10L, 20L, 30L, 32L);
  }

  @Test
  void aSlowOneIsClosedOnlyByWhatItWants() {
    stage.records.open("e", -1);
    Stage.Client client = stage.client();
    client.register("records", ANNA);
    client.pending = stage.limits.queueBytes();
    stage.publish(0, by("bert"));
    assertThat(client.closed).isNull();
    stage.publish(1, by("anna"));
    assertThat(client.closed).isEqualTo(CloseCode.SLOW);
    assertThat(stage.records.filters()).isZero();
  }

  @Test
  void whatCannotBeRunIsRefusedByPosition() {
    stage.records.open("e", -1);
    Stage.Client client = stage.client();
    client.register("records", "\"filter\":\"actr == 'anna'\"");
    assertThat(client.last())
        .contains("\"rejected\"", "headers.filter: line 1, column 1", "actr", "expected: CEL");
    client.register("records", "\"filter\":\"severity == 'x' && \"");
    assertThat(client.last()).contains("\"rejected\"", "column 20");
    client.register("statistics.s", ANNA);
    assertThat(client.last()).contains("\"rejected\"", "no filter");
    client.register("records", "\"limit\":\"many\"");
    assertThat(client.last()).contains("\"rejected\"", "headers.limit: many");
    client.register("records", ANNA);
    stage.publish(0, by("anna"));
    assertThat(client.offsets()).as("a refused registration leaves nothing").containsExactly(0L);
  }

  @Test
  void whatCostsPerPublicationIsBoundedAndWhatDoesNotIsNot() {
    stage.records.open("e", -1);
    List<Stage.Client> many = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Stage.Client client = stage.client();
      client.register("records", "\"filter\":{\"actor\":\"a" + i + "\"}");
      many.add(client);
    }
    Stage.Client other = stage.client();
    other.register("records", "\"filter\":\"kind == 'x'\"");
    Stage.Client refused = stage.client();
    refused.register("records", "\"filter\":\"kind == 'y'\"");
    assertThat(refused.last()).contains("max_handlers_reached");
    stage.publish(0, by("a7"));
    assertThat(many.get(7).offsets()).containsExactly(0L);
    assertThat(many.stream().filter(client -> !client.written.isEmpty())).hasSize(1);
    other.session.gone();
    refused.register("records", "\"filter\":\"kind == 'y'\"");
    stage.publish(1, "{\"kind\":\"y\"}");
    assertThat(refused.offsets()).containsExactly(1L);
  }

  @Test
  void anExpressionThatTakesTooMuchTimeIsTakenFromItsHolderAlone() {
    stage.records.open("e", -1);
    Stage.Client dear = stage.client();
    Stage.Client all = stage.client();
    Stage.Client equal = stage.client();
    dear.register("records", "\"filter\":\"message.matches('.*a.*')\"");
    all.register("records", "");
    equal.register("records", ANNA);
    stage.evaluationNs.add(30_000_000L);
    for (int i = 0; i < 20; i++) {
      stage.publish(i, by("anna"));
    }
    assertThat(dear.written).as("told once").hasSize(1);
    assertThat(dear.last()).contains("\"rejected\"", "more time than a subscription may");
    assertThat(dear.closed).isNull();
    assertThat(all.offsets()).hasSize(20);
    assertThat(equal.offsets()).hasSize(20);
    assertThat(stage.records.filters()).as("the cheap one").isEqualTo(1);
    assertThat(stage.records.takeEvictions()).isEqualTo(1);
    dear.register("records", "\"filter\":\"message.matches('.*b.*')\"");
    assertThat(dear.last()).as("nor another one at once").contains("\"rejected\"", "patience");
    stage.loop.nowUs += 61_000_000;
    dear.register("records", "\"filter\":\"actor == 'anna'\"");
    stage.evaluationNs.clear();
    stage.publish(20, by("anna"));
    assertThat(dear.offsets()).containsExactly(20L);
  }

  @Test
  void whatIsCheapAloneMustBeCheapTogetherToo() {
    Stage stage = new Stage(8, 8);
    stage.records.open("e", -1);
    List<Stage.Client> seven = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      Stage.Client client = stage.client();
      client.register("records", "\"filter\":\"actor == 'anna' || actor == '" + i + "'\"");
      seven.add(client);
    }
    stage.evaluationNs.add(30_000_000L);
    for (int i = 0; i < 6; i++) {
      stage.publish(i, by("anna"));
    }
    assertThat(stage.records.takeEvictions()).as("6 x 7 x 30 ms are too much").isEqualTo(1);
    assertThat(seven.stream().filter(client -> client.last().contains("\"rejected\"")))
        .hasSize(1);
    stage.evaluationNs.clear();
    stage.publish(6, by("anna"));
    assertThat(seven.stream().filter(client -> client.offsets().size() == 7)).hasSize(6);
  }

  @Test
  void spendingIsForgottenAfterFiveSeconds() {
    stage.records.open("e", -1);
    Stage.Client client = stage.client();
    client.register("records", "\"filter\":\"actor == 'anna'\"");
    for (int i = 0; i < 20; i++) {
      // 200 ms in 5 s, again and again.
      stage.evaluationNs.clear();
      stage.evaluationNs.addAll(List.of(5_000_000_000L, 200_000_000L));
      stage.publish(i, by("anna"));
    }
    assertThat(client.offsets()).hasSize(20);
  }

  @Test
  void whatHasNoRoomIsNotCompiled() {
    stage.records.open("e", -1);
    stage.client().register("records", "\"filter\":\"actor == 'anna'\"");
    stage.client().register("records", "\"filter\":\"actor == 'bert'\"");
    Stage.Client third = stage.client();
    third.register("records", "\"filter\":\"no expression at all\"");
    assertThat(third.last()).contains("max_handlers_reached");
    third.register("records", "\"filter\":\"actor == 'bert'\"");
    stage.publish(0, by("bert"));
    assertThat(third.offsets()).as("what others have costs no room").containsExactly(0L);
  }

  @Test
  void aSearchLeavesItsLoopToOthersWhenItsExpressionIsDear() {
    for (int i = 0; i < 5; i++) {
      stage.stored(i, by("bert"));
    }
    stage.records.open("e", 4);
    Stage.Client client = stage.client();
    stage.loop.stepUs = 3_000;
    client.register("records", ANNA + ",\"position\":\"e:-1\"");
    List<Long> rests = new ArrayList<>(stage.loop.delaysMs);
    client.settle();
    assertThat(client.last()).contains("\"replayed\"");
    assertThat(stage.loop.delaysMs).as("rests of four times a turn").anyMatch(ms -> ms >= 20);
    assertThat(rests).hasSizeLessThan(stage.loop.delaysMs.size());
  }

  @Test
  void aFilterHeldWhileAPublicationIsUnderWayMissesNothing() throws Exception {
    // The lane gets the chunk late: it was cut before the filter was there, and the head is behind
    // it.
    List<Runnable> queued = new ArrayList<>();
    Loop late = new Loop() {
      @Override
      public void execute(Runnable task) {
        queued.add(task);
      }

      @Override
      public void schedule(long delayMs, Runnable task) {
        queued.add(task);
      }

      @Override
      public long nowUs() {
        return 1;
      }
    };
    stage.records.open("e", -1);
    Lane other = new Lane(late, stage.limits, stage.metrics);
    stage.records.join(other);
    stage.publish(0, by("anna"));
    assertThat(stage.records.hold(FilterParser.of("records", "{\"actor\":\"anna\"}")))
        .isNotNull();
    assertThat(stage.records.head()).isEqualTo(new OrderedTopic.Head("e", 0));
    stage.publish(1, by("anna"));
    assertThat(queued).hasSize(2);
  }
}
