package io.vedette.benchmarks.edge;

import io.vedette.edge.protocol.ServerFrames;
import io.vedette.standalone.cli.CommandFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The publications, by number: records made from the lines of a real log, in canonical form, or values of a host's statistics as an analyzer published them. Each says its number (a record's index, a
 * value's end), so that whoever receives it knows when it was sent. The peers get the very frame that the edge makes of it.
 */
final class Payloads {
  /** What {@code endMs} of publication 0 is; each further one is a millisecond later. */
  static final long BASE_MS = 1_790_000_000_000L;

  private static final int MAX_LINE = 400;
  private static final long WINDOW_MS = 10_000;
  private static final int SERIES_OF_A_HOST = 25;
  private static final int HOSTS = 4;

  private final Topic topic;
  private final List<String> parts;
  private final String at = Instant.ofEpochMilli(BASE_MS).toString();

  private Payloads(Topic topic, List<String> parts) {
    this.topic = topic;
    this.parts = parts;
  }

  static Payloads records(Path log) throws IOException {
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(log, StandardCharsets.ISO_8859_1)) {
      for (String line = reader.readLine();
          line != null && lines.size() < 50_000;
          line = reader.readLine()) {
        String text = line.strip();
        if (!text.isEmpty()) {
          lines.add(ServerFrames.quote(text.substring(0, Math.min(MAX_LINE, text.length()))));
        }
      }
    }
    if (lines.isEmpty()) {
      throw new CommandFailure("--log " + log + ": no lines (expected: a log with some)");
    }
    return new Payloads(Topic.RECORDS, lines);
  }

  /** Values of real series, captured from a running instance: one JSON object a line, without its window. */
  static Payloads statistics() throws IOException {
    try (InputStream in = Payloads.class.getResourceAsStream("host-statistics.ndjson")) {
      if (in == null) {
        throw new CommandFailure("host-statistics.ndjson is missing among the resources");
      }
      return new Payloads(
          Topic.STATISTICS,
          new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
              .lines()
              .filter(line -> !line.isBlank())
              .toList());
    }
  }

  Topic topic() {
    return topic;
  }

  /** The number of the publication whose marker is followed by this number. */
  long sequence(long marked) {
    return topic == Topic.RECORDS ? marked : marked - BASE_MS;
  }

  /** What the edge's server is fed. */
  String forEdge(long first, int count) {
    if (topic == Topic.STATISTICS) {
      return "statistics\t" + value(first);
    }
    StringBuilder line = new StringBuilder("records");
    for (int i = 0; i < count; i++) {
      line.append('\t').append(canonical(first + i));
    }
    return line.toString();
  }

  /** The message that every peer sends. */
  String frame(long sequence) {
    return new String(
        ServerFrames.rec(
            topic.address,
            topic == Topic.RECORDS ? "bench:" + sequence : "state:" + sequence,
            body(sequence).getBytes(StandardCharsets.UTF_8)),
        StandardCharsets.UTF_8);
  }

  String body(long sequence) {
    return topic == Topic.RECORDS
        ? "{\"index\":" + sequence + ",\"at\":\"" + at + "\",\"record\":" + canonical(sequence)
            + "}"
        : "{\"name\":\"host\",\"batch\":" + sequence + ",\"atMs\":" + (BASE_MS + sequence)
            + ",\"snapshot\":false,\"values\":[" + value(sequence) + "]}";
  }

  private String canonical(long sequence) {
    return "{\"message\":"
        + parts.get((int) (sequence % parts.size()))
        + ",\"observed\":\"2026-09-21T14:13:20."
        + String.format("%09d", sequence % 1_000_000_000)
        + "Z\",\"sequence\":"
        + sequence
        + ",\"source\":\"file:log\",\"v\":1}";
  }

  /** A hundred series in turn (the captured ones, of four hosts), so that none changes twice within a tick. */
  private String value(long sequence) {
    String captured = parts.get((int) (sequence % parts.size()));
    long endMs = BASE_MS + sequence;
    return captured
        .replace("\"%HOST%\"", "\"host-" + sequence / SERIES_OF_A_HOST % HOSTS + "\"")
        .replace("\"%WINDOW%\":0", "\"startMs\":" + (endMs - WINDOW_MS) + ",\"endMs\":" + endMs);
  }
}
