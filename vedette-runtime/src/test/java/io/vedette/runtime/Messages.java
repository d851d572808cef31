package io.vedette.runtime;

import io.vedette.model.Batch;
import io.vedette.model.Evidence;
import io.vedette.model.Finding;
import io.vedette.model.NodeStatus;
import io.vedette.model.Publication;
import io.vedette.model.Stamps;
import io.vedette.model.StatisticUpdate;
import io.vedette.model.TopicHeads;
import io.vedette.model.Transition;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One of each message, with every component set. */
public final class Messages {
  public static final Stamps STAMPS =
      new Stamps(1_700_000_000_000_001L, 1_700_000_000_000_002L, 1_700_000_000_000_003L);

  private Messages() {}

  public static Batch batch() {
    return new Batch(
        1,
        "e-1",
        42,
        1_000,
        2,
        1_700_000_000_000_000L,
        3,
        true,
        List.of(bytes("{\"v\":1}"), bytes("{\"message\":\"é\"}")),
        new byte[] {1, -1, 0},
        STAMPS);
  }

  public static Batch announced() {
    return new Batch(
        7,
        "e-1",
        43,
        1_002,
        5_000,
        1_700_000_000_000_009L,
        3,
        false,
        List.of(),
        new byte[0],
        Stamps.UNKNOWN);
  }

  public static Publication publication() {
    return new Publication(
        1,
        "alerts",
        "e-1",
        17,
        bytes("{\"state\":\"firing\",\"text\":\"50 %\\n\\u0001 ü 𝄞\"}"),
        STAMPS);
  }

  public static TopicHeads topicHeads() {
    return new TopicHeads(1, "e-1", Map.of("records", -1L, "alerts", 17L));
  }

  public static StatisticUpdate statisticUpdate() {
    return new StatisticUpdate(
        1,
        "host_cpu",
        42,
        1_700_000_000_000_000L,
        List.of(new StatisticUpdate.Value(
            63,
            9,
            new TreeMap<>(Map.of("host", "a", "core", "0")),
            10,
            20,
            new TreeMap<>(Map.of(
                "mean",
                0.1,
                "max",
                Double.POSITIVE_INFINITY,
                "min",
                Double.NEGATIVE_INFINITY,
                "stddev",
                Double.NaN)))),
        STAMPS);
  }

  public static NodeStatus nodeStatus() {
    return new NodeStatus(
        "n-1",
        List.of("collector", "edge"),
        "0.1.0",
        "127.0.0.1",
        15701,
        1,
        2,
        Map.of("sessions", "3", "cluster.port", "5701"));
  }

  public static Finding finding() {
    return new Finding(
        1,
        5,
        99,
        "cpu-high",
        3,
        "00ff",
        new TreeMap<>(Map.of("host", "a")),
        Transition.FIRING,
        42,
        1_700_000_000_000_000L,
        1_699_999_999_000_000L,
        new TreeMap<>(Map.of("alertname", "cpu-high", "host", "a")),
        new TreeMap<>(Map.of("summary", "CPU of a at 97 %")),
        new Evidence(10, 20, 0.97, ">", 0.9, 60, -1, -1, List.of(4L, 5L)),
        STAMPS);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
