package io.vedette.collector.source.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BodySplitterTest {

  /** Notes what it is told, one line each. */
  private static final class Notes implements BodySplitter.Sink {
    final List<String> notes = new ArrayList<>();

    @Override
    public void value(byte[] bytes, int from, int to, long line) {
      notes.add(line + ":" + new String(bytes, from, to - from, StandardCharsets.UTF_8).strip());
    }

    @Override
    public void oversized(long line, long bytes) {
      notes.add(line + ":oversized " + bytes);
    }

    @Override
    public void unclosed(long line) {
      notes.add(line + ":unclosed");
    }
  }

  private static List<String> split(String body, int chunk) {
    BodySplitter splitter = new BodySplitter(1000);
    Notes notes = new Notes();
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < bytes.length; at += chunk) {
      splitter.feed(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + chunk)), notes);
    }
    splitter.end(notes);
    return notes.notes;
  }

  private static void assertSplits(String body, String... expected) {
    for (int chunk : new int[] {1, 2, 3, 7, 100_000}) {
      assertThat(split(body, chunk)).as("chunks of %d", chunk).containsExactly(expected);
    }
  }

  @Test
  void oneObjectHoweverItIsWritten() {
    assertSplits("{\"a\":1}", "1:{\"a\":1}");
    assertSplits(
        "\ufeff {\n  \"a\": {\n    \"b\": [\n {\n}\n,\n {} ]\n  }\n}\n",
        "1:{\n  \"a\": {\n    \"b\": [\n {\n}\n,\n {} ]\n  }\n}");
    assertSplits("{\"a\":\"}{][\\\"\"}", "1:{\"a\":\"}{][\\\"\"}");
  }

  @Test
  void onePerLine() {
    assertSplits(
        "{\"a\":1}\n\n{\"a\":2}\r\n{\"a\":3}", "1:{\"a\":1}", "3:{\"a\":2}", "4:{\"a\":3}");
    assertSplits("{\"a\":1}{\"a\":2}", "1:{\"a\":1}", "1:{\"a\":2}");
  }

  @Test
  void anArray() {
    assertSplits(
        "[{\"a\":1}, {\"a\":[2]}\n,{\"a\":3}]", "1:{\"a\":1}", "1:{\"a\":[2]}", "2:{\"a\":3}");
    assertSplits("[]");
    assertSplits("[1, \"x\",{}]", "1:1", "1:\"x\"", "1:{}");
    assertSplits("[{\"a\":1}", "1:{\"a\":1}", "1:unclosed");
    assertSplits("[{\"a\":1}]\n[{\"a\":2}]", "1:{\"a\":1}", "2:{\"a\":2}");
  }

  @Test
  void aBrokenLineDoesNotTakeItsNeighbours() {
    assertSplits(
        "{\"a\":1}\n{\"a\":\"x\n{\"a\":3}\n", "1:{\"a\":1}", "2:{\"a\":\"x", "3:{\"a\":3}");
    assertSplits("{\"a\":1\n{\"a\":2}\n", "1:{\"a\":1", "2:{\"a\":2}");
    assertSplits("{\"a\":1,\n{\"a\":2}\n", "1:{\"a\":1,", "2:{\"a\":2}");
    assertSplits(
        "nonsense\n{\"a\":2}\n}\n{\"a\":4}", "1:nonsense", "2:{\"a\":2}", "3:}", "4:{\"a\":4}");
    assertSplits("{\"a\":1}}\n{\"a\":2}", "1:{\"a\":1}", "1:}", "2:{\"a\":2}");
  }

  @Test
  void aValueBeyondTheLimitIsNotKept() {
    String large = "{\"a\":\"" + "x".repeat(2000) + "\"}";
    assertSplits(
        "{\"a\":1}\n" + large + "\n{\"a\":3}", "1:{\"a\":1}", "2:oversized 2008", "3:{\"a\":3}");
  }

  /** However a body is mutated and cut, every chunking gives the same values, and nothing fails. */
  @Test
  void chunkingDoesNotMatter() {
    long seed = Long.getLong("seed", 12L);
    Random random = new Random(seed);
    byte[] seedBody = "[{\"a\":\"x\"},{\"b\":[1,{\"c\":\"\\\"\"}]}]\n{\"d\":1}\n{\"e\":2}\nzz\n"
        .getBytes(StandardCharsets.UTF_8);
    byte[] bytes = {'{', '}', '[', ']', '"', '\\', '\n', ',', ':', ' ', 0, (byte) 0xff};
    for (int round = 0; round < 20_000; round++) {
      byte[] body = seedBody.clone();
      for (int change = random.nextInt(5); change >= 0; change--) {
        body[random.nextInt(body.length)] = bytes[random.nextInt(bytes.length)];
      }
      String text = new String(body, StandardCharsets.ISO_8859_1);
      assertThat(split(text, 1 + random.nextInt(9)))
          .as("seed %d round %d", seed, round)
          .isEqualTo(split(text, 10_000));
    }
  }
}
