package io.vedette.edge.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.edge.protocol.ServerFrames;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A statistic of many series, and subscriptions that want some of them. */
class SelectedSeriesTest {
  private final Stage stage = new Stage(8, 4);
  private final StateTopic topic = Objects.requireNonNull(stage.hub.statistic("s"));

  @Test
  void whatExpiredIsToldToWhoHadIt() {
    for (String host : List.of("a", "b")) {
      topic.apply(
          host,
          1,
          1,
          0,
          host.equals("a") ? 10 : 20,
          ServerFrames.utf8("{\"" + host + "\":1}"),
          Map.of("host", host));
    }
    topic.publishChanges(1);
    Stage.Client all = stage.client();
    Stage.Client others = stage.client();
    all.register("statistics.s", "");
    others.register("statistics.s", "\"selector\":\"{host=~'b.*'}\"");
    assertThat(topic.expire(15)).isTrue();
    assertThat(topic.expire(15)).isFalse();
    topic.publishChanges(1);
    assertThat(all.last()).contains("\"values\":[],\"expired\":[{\"host\":\"a\"}]}");
    assertThat(others.written).hasSize(1);
    Stage.Client late = stage.client();
    late.register("statistics.s", "");
    assertThat(late.last()).contains("\"snapshot\":true", "[{\"b\":1}]").doesNotContain("expired");
    value("a", 2);
    topic.publishChanges(1);
    assertThat(all.last()).contains("[{\"a\":2}]").doesNotContain("expired");
  }

  private void value(String host, int value) {
    topic.apply(
        host,
        1,
        value,
        0,
        0,
        ServerFrames.utf8("{\"" + host + "\":" + value + "}"),
        Map.of("host", host));
  }

  @Test
  void aSnapshotThenOnlyChangedSeriesThatMatch() {
    value("a", 1);
    value("b", 1);
    topic.publishChanges(1);
    Stage.Client some = stage.client();
    Stage.Client same = stage.client();
    Stage.Client all = stage.client();
    some.register("statistics.s", "\"selector\":\"{host=~'a.*'}\"");
    same.register("statistics.s", "\"selector\":\"{host=~'a.*'}\"");
    all.register("statistics.s", "");
    assertThat(some.last()).contains("\"snapshot\":true", "[{\"a\":1}]");
    value("b", 2);
    topic.publishChanges(1);
    assertThat(some.written).as("nothing of it changed").hasSize(1);
    assertThat(all.last()).contains("[{\"b\":2}]");
    value("b", 3);
    value("a", 3);
    value("a2", 3);
    topic.publishChanges(1);
    assertThat(some.written).hasSize(2);
    assertThat(some.last()).contains("\"snapshot\":false", "[{\"a\":3},{\"a2\":3}]");
    assertThat(some.frames.get(1)).as("encoded once").isSameAs(same.frames.get(1));
  }

  @Test
  void oneThatFellBehindGetsTheNewestOfWhatMatches() {
    Stage.Client slow = stage.client();
    slow.register("statistics.s", "\"selector\":\"{host='a'}\"");
    slow.pending = stage.limits.queueBytes();
    for (int i = 1; i < 4; i++) {
      value("a", i);
      value("b", i);
      topic.publishChanges(1);
    }
    assertThat(slow.written).hasSize(1);
    slow.pending = 0;
    stage.lane.sweep();
    assertThat(slow.last()).contains("[{\"a\":3}]");
  }

  @Test
  void whatIsNoSelectorIsRefused() {
    Stage.Client client = stage.client();
    client.register("statistics.s", "\"selector\":\"host\"");
    assertThat(client.last()).contains("\"rejected\"", "headers.selector: column 1");
    client.register("cluster", "\"selector\":\"{host='a'}\"");
    assertThat(client.last()).contains("\"rejected\"", "no series");
    stage.records.open("e", -1);
    client.register("records", "\"selector\":\"{host='a'}\"");
    assertThat(client.last()).contains("\"rejected\"", "headers.filter");
  }
}
