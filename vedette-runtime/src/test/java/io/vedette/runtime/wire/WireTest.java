package io.vedette.runtime.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.model.Batch;
import io.vedette.runtime.Golden;
import io.vedette.runtime.Messages;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class WireTest {
  static Stream<Arguments> jsonMessages() {
    return Stream.of(
        Arguments.of(JsonForm.PUBLICATION, Messages.publication()),
        Arguments.of(JsonForm.TOPIC_HEADS, Messages.topicHeads()),
        Arguments.of(JsonForm.STATISTIC_UPDATE, Messages.statisticUpdate()),
        Arguments.of(JsonForm.NODE_STATUS, Messages.nodeStatus()),
        Arguments.of(JsonForm.FINDING, Messages.finding()));
  }

  @ParameterizedTest
  @MethodSource("jsonMessages")
  <T> void jsonFormIsForEver(JsonForm<T> form, T message) {
    byte[] json = form.write(message);

    Golden.check(form.type() + ".json", new String(json, StandardCharsets.UTF_8));
    assertThat(form.read(json))
        .usingRecursiveComparison()
        .withEqualsForType(Double::equals, Double.class)
        .isEqualTo(message);
  }

  @ParameterizedTest
  @MethodSource("jsonMessages")
  <T> void cutJsonIsRefusedAtEveryByte(JsonForm<T> form, T message) {
    byte[] json = form.write(message);

    for (int length = 0; length < json.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(json, length);
      assertThatThrownBy(() -> form.read(cut))
          .isInstanceOf(WireFormatException.class)
          .hasMessageStartingWith(form.type());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | trail: missing (expected: a whole number of 32 bits)",
        "[1] | [1] (expected: an object)",
        "{\"trail\":\"1\"} | trail: \"1\" (expected: a whole number of 32 bits)",
        "{\"trail\":1.5} | trail: 1.5 (expected: a whole number of 32 bits)",
        "{\"trail\":1,\"epoch\":null} | epoch: null (expected: a text)",
        "{\"trail\":1,\"epoch\":\"e\",\"offsets\":{\"a\":1e400}} | offsets.a",
        "{\"trail\":1,\"epoch\":\"e\",\"offsets\":[]} | offsets: [] (expected: an object)",
      })
  void wrongMemberIsNamed(String json, String message) {
    assertThatThrownBy(() -> JsonForm.TOPIC_HEADS.read(json.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(WireFormatException.class)
        .hasMessageContaining(message);
  }

  @Test
  void newerSenderMayAddMembers() {
    byte[] json = "{\"trail\":1,\"epoch\":\"e\",\"offsets\":{},\"added\":[1]}"
        .getBytes(StandardCharsets.UTF_8);

    assertThat(JsonForm.TOPIC_HEADS.read(json).epoch()).isEqualTo("e");
  }

  @Test
  void deepJsonIsRefused() {
    byte[] json = ("{\"a\":" + "[".repeat(10_000)).getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> JsonForm.FINDING.read(json)).isInstanceOf(WireFormatException.class);
  }

  static Stream<Batch> batches() {
    return Stream.of(Messages.batch(), Messages.announced());
  }

  @Test
  void batchFormIsForEver() {
    Golden.check(
        "batch.v1.hex", HexFormat.of().formatHex(write(Messages.batch()).getBytes()));
    Golden.check(
        "batch.v1.announced.hex",
        HexFormat.of().formatHex(write(Messages.announced()).getBytes()));
  }

  @ParameterizedTest
  @MethodSource("batches")
  void batchComesBackAsItWas(Batch batch) {
    Buffer bytes = Buffer.buffer("before").appendBuffer(write(batch)).appendString("after");

    assertThat(BatchForm.read(bytes, 6, bytes.length() - 5))
        .usingRecursiveComparison()
        .isEqualTo(batch);
  }

  @ParameterizedTest
  @MethodSource("batches")
  void cutBatchIsRefusedAtEveryByte(Batch batch) {
    Buffer bytes = write(batch);

    for (int length = 0; length < bytes.length(); length++) {
      int end = length;
      assertThatThrownBy(() -> BatchForm.read(bytes, 0, end))
          .isInstanceOf(WireFormatException.class)
          .hasMessageStartingWith("batch.v1: ");
    }
  }

  @Test
  void bytesAfterTheLastRecordAreRefused() {
    Buffer bytes = write(Messages.batch()).appendByte((byte) 0);

    assertThatThrownBy(() -> BatchForm.read(bytes, 0, bytes.length()))
        .hasMessage("batch.v1: 1 bytes after the last record (expected: none)");
  }

  @Test
  void anotherVersionIsRefused() {
    Buffer bytes = write(Messages.batch()).setByte(0, (byte) 2);

    assertThatThrownBy(() -> BatchForm.read(bytes, 0, bytes.length()))
        .hasMessageContaining("version 2, flags 1 (expected: version 1");
  }

  /** A changed byte gives another batch or a clear refusal, never anything else: no huge allocation, no stray exception. */
  @Test
  void changedBytesGiveABatchOrARefusal() {
    byte[] good = write(Messages.batch()).getBytes();
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      byte[] bad = good.clone();
      for (int change = random.nextInt(4); change >= 0; change--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      Buffer bytes = Buffer.buffer(bad);
      try {
        assertThat(BatchForm.read(bytes, 0, bytes.length())).isNotNull();
      } catch (WireFormatException refused) {
        assertThat(refused).hasMessageStartingWith("batch.v1: ");
      }
    }
  }

  private static Buffer write(Batch batch) {
    Buffer bytes = Buffer.buffer();
    BatchForm.write(batch, bytes);
    return bytes;
  }
}
