package io.vedette.edge.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.protocol.CloseCode;
import io.vedette.edge.protocol.ServerFrames;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens while an expression is compiled. It was compiled on the loop that serves the sessions: a burst of large ones held up everybody. */
class CompilingTest {
  private final Stage stage = new Stage(8, 2_000);

  @BeforeEach
  void open() {
    stage.records.open("e", -1);
    stage.alerts.open("e", 0);
    stage.holdsWorker = true;
  }

  private static String cel(String actor) {
    return "\"position\":\"new\",\"filter\":\"actor.startsWith('" + actor + "')\"";
  }

  private static String by(String actor) {
    return "{\"actor\":\"" + actor + "\"}";
  }

  private static byte[] frame(String type, String more) {
    return ServerFrames.utf8("{\"type\":\"" + type + "\"" + more + "}");
  }

  @Test
  void othersAreServedAndItsOwnMessagesAreAnsweredInTheirOrder() {
    Stage.Client one = stage.client();
    Stage.Client other = stage.client();
    one.register("records", cel("an"));
    one.session.receive(frame("ping", ""));
    one.register("alerts", "\"position\":\"new\",\"filter\":\"labels.host == 'a'\"");
    one.session.receive(frame("shout", ",\"address\":\"a\""));
    other.register("records", "");
    stage.publish(0, by("anna"));
    assertThat(other.offsets()).containsExactly(0L);
    assertThat(one.written).as("its answers wait").isEmpty();
    assertThat(stage.worker).as("one at a time of a session").hasSize(1);
    stage.worker.remove().run();
    assertThat(one.written).hasSize(3);
    assertThat(one.written.get(0)).contains("\"registered\"", "records", "\"position\":\"e:0\"");
    assertThat(one.written.get(1)).contains("\"replayed\"");
    assertThat(one.written.get(2)).contains("pong");
    stage.publish(1, by("bert"), by("anton"));
    assertThat(one.offsets()).containsExactly(2L);
    stage.worker.remove().run();
    assertThat(one.written.get(4)).contains("\"registered\"", "alerts");
    assertThat(one.last()).contains("invalid_type");
    assertThat(stage.worker).isEmpty();
  }

  @Test
  void whatManyBringAtOnceIsCompiledOnceAndRememberedForWhoComesBack() {
    List<Stage.Client> many = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Stage.Client client = stage.client();
      client.register("records", cel("an"));
      many.add(client);
    }
    assertThat(stage.worker).hasSize(1);
    stage.worker.remove().run();
    many.forEach(client -> client.session.gone());
    assertThat(stage.records.filters()).isZero();
    Stage.Client back = stage.client();
    back.register("records", cel("an"));
    assertThat(stage.worker).isEmpty();
    stage.publish(0, by("anna"));
    assertThat(back.offsets()).containsExactly(0L);
  }

  @Test
  void aBurstOfDifferentOnesWaitsOneTooManyIsRefusedAndDeliveriesGoOn() {
    Stage.Client other = stage.client();
    other.register("records", "");
    List<Stage.Client> burst = new ArrayList<>();
    for (int i = 0; i <= 1_000; i++) {
      Stage.Client client = stage.client();
      client.register("records", cel("a" + i));
      burst.add(client);
    }
    assertThat(stage.worker).hasSize(1_000);
    assertThat(burst.get(1_000).last()).contains("\"rejected\"", "wait to be compiled");
    stage.publish(0, by("anna"));
    assertThat(other.offsets()).containsExactly(0L);
    stage.worker.forEach(Runnable::run);
    assertThat(stage.records.filters()).isEqualTo(1_000);
    stage.publish(1, by("a7"));
    assertThat(burst.get(7).offsets()).containsExactly(1L);
    assertThat(burst.get(8).offsets()).isEmpty();
  }

  @Test
  void whoLeavesMeanwhileHoldsNothing() {
    Stage.Client client = stage.client();
    client.register("records", cel("an"));
    client.session.gone();
    stage.worker.remove().run();
    assertThat(stage.records.filters()).isZero();
    assertThat(client.written).isEmpty();
  }

  @Test
  void whatIsNoExpressionIsRefusedInItsTurn() {
    Stage.Client client = stage.client();
    client.register("records", "\"filter\":\"actr == 'anna'\"");
    client.session.receive(frame("ping", ""));
    stage.worker.remove().run();
    assertThat(client.written.get(0)).contains("\"rejected\"", "line 1, column 1", "actr");
    assertThat(client.last()).contains("pong");
    client.register("records", "");
    stage.publish(0, by("anna"));
    assertThat(client.offsets()).containsExactly(0L);
  }

  @Test
  void whatWaitsBehindItIsBounded() {
    Stage.Client client = stage.client();
    client.register("records", cel("an"));
    byte[] large = frame("ping", ",\"x\":\"" + "x".repeat(10_000) + "\"");
    for (int i = 0; i < stage.limits.queueBytes() / large.length; i++) {
      client.session.receive(large);
    }
    assertThat(client.closed).isNull();
    client.session.receive(large);
    assertThat(client.closed).isEqualTo(CloseCode.TOO_FAST);
  }
}
