package io.vedette.runtime.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vedette.model.Evidence;
import io.vedette.model.Finding;
import io.vedette.model.NodeStatus;
import io.vedette.model.Publication;
import io.vedette.model.Stamps;
import io.vedette.model.StatisticUpdate;
import io.vedette.model.TopicHeads;
import io.vedette.model.Transition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Message records as JSON, member by member: a renamed component changes nothing here. Unknown members are passed over, so a newer sender may add some. Numbers that JSON does not have are the texts
 * {@code NaN}, {@code Infinity} and {@code -Infinity}. Stateless.
 *
 * @param <T> the message record
 */
public final class JsonForm<T> {
  public static final JsonForm<Publication> PUBLICATION =
      new JsonForm<>("publication.v1", JsonForm::write, JsonForm::publication);
  public static final JsonForm<TopicHeads> TOPIC_HEADS =
      new JsonForm<>("topicheads.v1", JsonForm::write, JsonForm::topicHeads);
  public static final JsonForm<StatisticUpdate> STATISTIC_UPDATE =
      new JsonForm<>("statisticupdate.v1", JsonForm::write, JsonForm::statisticUpdate);
  public static final JsonForm<NodeStatus> NODE_STATUS =
      new JsonForm<>("nodestatus.v1", JsonForm::write, JsonForm::nodeStatus);
  public static final JsonForm<Finding> FINDING =
      new JsonForm<>("finding.v1", JsonForm::write, JsonForm::finding);

  // The bus carries 512 KiB at most; deeper than any of our messages is an attack or a mistake.
  private static final JsonFactory FACTORY = JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(32)
          .maxStringLength(2 * 1024 * 1024)
          .build())
      .build();
  private static final JsonMapper MAPPER = new JsonMapper(FACTORY);

  @FunctionalInterface
  private interface Writer<T> {
    void write(T message, JsonGenerator out) throws IOException;
  }

  @FunctionalInterface
  private interface Reader<T> {
    T read(Members in);
  }

  private final String type;
  private final Writer<T> writer;
  private final Reader<T> reader;

  private JsonForm(String type, Writer<T> writer, Reader<T> reader) {
    this.type = type;
    this.writer = writer;
    this.reader = reader;
  }

  /** Name of the form and its version, for example {@code publication.v1}. */
  public String type() {
    return type;
  }

  public byte[] write(T message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator out = FACTORY.createGenerator(bytes)) {
      out.writeStartObject();
      writer.write(message, out);
      out.writeEndObject();
    } catch (IOException inMemory) {
      throw new UncheckedIOException(inMemory);
    }
    return bytes.toByteArray();
  }

  public T read(byte[] json) {
    JsonNode node;
    try {
      node = MAPPER.readTree(json);
    } catch (IOException broken) {
      throw new WireFormatException(type, "no JSON: " + broken.getMessage(), broken);
    }
    try {
      return reader.read(new Members(type, "", node));
    } catch (IllegalArgumentException contradiction) {
      throw new WireFormatException(
          type, String.valueOf(contradiction.getMessage()), contradiction);
    }
  }

  // ---- one pair per message, in the order of its components

  private static void write(Publication publication, JsonGenerator out) throws IOException {
    out.writeNumberField("trail", publication.trail());
    out.writeStringField("topic", publication.topic());
    out.writeStringField("epoch", publication.epoch());
    out.writeNumberField("offset", publication.offset());
    out.writeStringField("json", publication.text());
    write(publication.stamps(), out);
  }

  private static Publication publication(Members in) {
    return new Publication(
        in.integer("trail"),
        in.text("topic"),
        in.text("epoch"),
        in.number("offset"),
        in.text("json").getBytes(StandardCharsets.UTF_8),
        stamps(in));
  }

  private static void write(TopicHeads heads, JsonGenerator out) throws IOException {
    out.writeNumberField("trail", heads.trail());
    out.writeStringField("epoch", heads.epoch());
    out.writeObjectFieldStart("offsets");
    for (Map.Entry<String, Long> offset : new TreeMap<>(heads.offsets()).entrySet()) {
      out.writeNumberField(offset.getKey(), offset.getValue());
    }
    out.writeEndObject();
  }

  private static TopicHeads topicHeads(Members in) {
    int trail = in.integer("trail");
    String epoch = in.text("epoch");
    Members written = in.object("offsets");
    Map<String, Long> offsets = new TreeMap<>();
    written.names().forEach(topic -> offsets.put(topic, written.number(topic)));
    return new TopicHeads(trail, epoch, offsets);
  }

  private static void write(StatisticUpdate update, JsonGenerator out) throws IOException {
    out.writeNumberField("trail", update.trail());
    out.writeStringField("name", update.name());
    out.writeNumberField("batch", update.batch());
    out.writeNumberField("atUs", update.atUs());
    out.writeArrayFieldStart("values");
    for (StatisticUpdate.Value value : update.values()) {
      out.writeStartObject();
      out.writeNumberField("partition", value.partition());
      out.writeNumberField("epoch", value.epoch());
      write("key", value.key(), out);
      out.writeNumberField("windowStartUs", value.windowStartUs());
      out.writeNumberField("windowEndUs", value.windowEndUs());
      out.writeObjectFieldStart("fields");
      for (Map.Entry<String, Double> field : value.fields().entrySet()) {
        write(field.getKey(), field.getValue(), out);
      }
      out.writeEndObject();
      out.writeEndObject();
    }
    out.writeEndArray();
    write(update.stamps(), out);
  }

  private static StatisticUpdate statisticUpdate(Members in) {
    List<StatisticUpdate.Value> values = new ArrayList<>();
    for (Members value : in.objects("values")) {
      SortedMap<String, Double> fields = new TreeMap<>();
      Members written = value.object("fields");
      written.names().forEach(name -> fields.put(name, written.decimal(name)));
      values.add(new StatisticUpdate.Value(
          value.integer("partition"),
          value.number("epoch"),
          value.texts("key"),
          value.number("windowStartUs"),
          value.number("windowEndUs"),
          fields));
    }
    return new StatisticUpdate(
        in.integer("trail"),
        in.text("name"),
        in.number("batch"),
        in.number("atUs"),
        values,
        stamps(in));
  }

  private static void write(NodeStatus status, JsonGenerator out) throws IOException {
    out.writeStringField("id", status.id());
    out.writeArrayFieldStart("services");
    for (String service : status.services()) {
      out.writeString(service);
    }
    out.writeEndArray();
    out.writeStringField("version", status.version());
    out.writeStringField("host", status.host());
    out.writeNumberField("busPort", status.busPort());
    out.writeNumberField("startedUs", status.startedUs());
    out.writeNumberField("aliveUs", status.aliveUs());
    write("info", new TreeMap<>(status.info()), out);
  }

  private static NodeStatus nodeStatus(Members in) {
    return new NodeStatus(
        in.text("id"),
        in.list("services"),
        in.text("version"),
        in.text("host"),
        in.integer("busPort"),
        in.number("startedUs"),
        in.number("aliveUs"),
        in.texts("info"));
  }

  private static void write(Finding finding, JsonGenerator out) throws IOException {
    out.writeNumberField("trail", finding.trail());
    out.writeNumberField("partition", finding.partition());
    out.writeNumberField("number", finding.number());
    out.writeStringField("rule", finding.rule());
    out.writeNumberField("revision", finding.revision());
    out.writeStringField("ruleHash", finding.ruleHash());
    write("key", finding.key(), out);
    out.writeStringField("transition", finding.transition().name().toLowerCase(Locale.ROOT));
    out.writeNumberField("batch", finding.batch());
    out.writeNumberField("atUs", finding.atUs());
    out.writeNumberField("sinceUs", finding.sinceUs());
    write("labels", finding.labels(), out);
    write("annotations", finding.annotations(), out);
    Evidence evidence = finding.evidence();
    out.writeObjectFieldStart("evidence");
    out.writeNumberField("windowStartUs", evidence.windowStartUs());
    out.writeNumberField("windowEndUs", evidence.windowEndUs());
    write("value", evidence.value(), out);
    out.writeStringField("comparison", evidence.comparison());
    write("threshold", evidence.threshold(), out);
    out.writeNumberField("count", evidence.count());
    out.writeNumberField("firstIndex", evidence.firstIndex());
    out.writeNumberField("lastIndex", evidence.lastIndex());
    out.writeArrayFieldStart("sample");
    for (Long index : evidence.sample()) {
      out.writeNumber(index);
    }
    out.writeEndArray();
    out.writeEndObject();
    write(finding.stamps(), out);
  }

  private static Finding finding(Members in) {
    Members evidence = in.object("evidence");
    return new Finding(
        in.integer("trail"),
        in.integer("partition"),
        in.number("number"),
        in.text("rule"),
        in.number("revision"),
        in.text("ruleHash"),
        in.texts("key"),
        transition(in),
        in.number("batch"),
        in.number("atUs"),
        in.number("sinceUs"),
        in.texts("labels"),
        in.texts("annotations"),
        new Evidence(
            evidence.number("windowStartUs"),
            evidence.number("windowEndUs"),
            evidence.decimal("value"),
            evidence.text("comparison"),
            evidence.decimal("threshold"),
            evidence.number("count"),
            evidence.number("firstIndex"),
            evidence.number("lastIndex"),
            evidence.numbers("sample")),
        stamps(in));
  }

  private static Transition transition(Members in) {
    return switch (in.text("transition")) {
      case "pending" -> Transition.PENDING;
      case "firing" -> Transition.FIRING;
      case "cleared" -> Transition.CLEARED;
      default -> throw in.wrong("transition", "pending, firing or cleared");
    };
  }

  private static void write(Stamps stamps, JsonGenerator out) throws IOException {
    out.writeObjectFieldStart("stamps");
    out.writeNumberField("receivedUs", stamps.receivedUs());
    out.writeNumberField("sealedUs", stamps.sealedUs());
    out.writeNumberField("committedUs", stamps.committedUs());
    out.writeEndObject();
  }

  private static Stamps stamps(Members in) {
    Members stamps = in.object("stamps");
    return new Stamps(
        stamps.number("receivedUs"), stamps.number("sealedUs"), stamps.number("committedUs"));
  }

  private static void write(String name, SortedMap<String, String> texts, JsonGenerator out)
      throws IOException {
    out.writeObjectFieldStart(name);
    for (Map.Entry<String, String> text : texts.entrySet()) {
      out.writeStringField(text.getKey(), text.getValue());
    }
    out.writeEndObject();
  }

  private static void write(String name, double value, JsonGenerator out) throws IOException {
    if (Double.isFinite(value)) {
      out.writeNumberField(name, value);
    } else {
      out.writeStringField(name, Double.toString(value));
    }
  }
}
