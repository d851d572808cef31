package io.vedette.edge.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.vedette.model.NodeStatus;
import io.vedette.model.StatisticUpdate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;

/** Bodies that the edge itself encodes: values of statistics and nodes. Pure functions. */
public final class Bodies {
  private static final JsonFactory JSON = new JsonFactory();

  /** Something that writes JSON. */
  @FunctionalInterface
  public interface Writing {
    void to(JsonGenerator json) throws IOException;
  }

  private Bodies() {}

  /** One key's value: {@code {"key":{...},"startMs":..,"endMs":..,"fields":{...}}}. */
  public static byte[] value(StatisticUpdate.Value value) {
    return write(json -> {
      json.writeStartObject();
      json.writeObjectFieldStart("key");
      for (Map.Entry<String, String> label : value.key().entrySet()) {
        json.writeStringField(label.getKey(), label.getValue());
      }
      json.writeEndObject();
      json.writeNumberField("startMs", value.windowStartUs() / 1000);
      json.writeNumberField("endMs", value.windowEndUs() / 1000);
      json.writeObjectFieldStart("fields");
      for (Map.Entry<String, Double> field : value.fields().entrySet()) {
        json.writeFieldName(field.getKey());
        number(json, field.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
    });
  }

  public static byte[] node(NodeStatus node) {
    return write(json -> {
      json.writeStartObject();
      json.writeStringField("id", node.id());
      json.writeArrayFieldStart("services");
      for (String service : node.services()) {
        json.writeString(service);
      }
      json.writeEndArray();
      json.writeStringField("version", node.version());
      json.writeStringField("host", node.host());
      json.writeStringField("startedAt", time(node.startedUs()));
      json.writeStringField("aliveAt", time(node.aliveUs()));
      json.writeObjectFieldStart("info");
      for (Map.Entry<String, String> info : node.info().entrySet()) {
        json.writeStringField(info.getKey(), info.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
    });
  }

  /** RFC 3339 has no name for what is not finite, JSON neither: null. */
  public static void number(JsonGenerator json, double number) throws IOException {
    if (!Double.isFinite(number)) {
      json.writeNull();
    } else if (number == Math.rint(number) && Math.abs(number) < 1e15) {
      json.writeNumber((long) number);
    } else {
      json.writeNumber(number);
    }
  }

  /** RFC 3339 in UTC with microseconds. */
  public static String time(long us) {
    return Instant.ofEpochSecond(
            Math.floorDiv(us, 1_000_000L), Math.floorMod(us, 1_000_000L) * 1_000L)
        .toString();
  }

  public static byte[] write(Writing writing) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      writing.to(json);
    } catch (IOException neverInMemory) {
      throw new UncheckedIOException(neverInMemory);
    }
    return out.toByteArray();
  }
}
