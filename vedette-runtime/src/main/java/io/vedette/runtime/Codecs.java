package io.vedette.runtime;

import io.vedette.model.Batch;
import io.vedette.model.Finding;
import io.vedette.model.NodeStatus;
import io.vedette.model.Publication;
import io.vedette.model.StatisticUpdate;
import io.vedette.model.TopicHeads;
import io.vedette.runtime.wire.BatchForm;
import io.vedette.runtime.wire.JsonForm;
import io.vedette.runtime.wire.WireFormatException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageCodec;
import java.util.function.BiConsumer;

/**
 * How message records cross the bus: one codec per type, named {@code <type>.v1}. On the local bus they are handed on as they are: they are immutable. On the wire a body is a length of four bytes and the
 * form of {@link BatchForm} or {@link JsonForm}. A body that is none makes reading it fail with a {@link WireFormatException}.
 */
public final class Codecs {
  private Codecs() {}

  /** Once per bus. */
  public static void register(EventBus bus) {
    bus.registerDefaultCodec(
        Batch.class, new Codec<>("batch.v1", BatchForm::write, BatchForm::read));
    register(bus, Publication.class, JsonForm.PUBLICATION);
    register(bus, TopicHeads.class, JsonForm.TOPIC_HEADS);
    register(bus, StatisticUpdate.class, JsonForm.STATISTIC_UPDATE);
    register(bus, NodeStatus.class, JsonForm.NODE_STATUS);
    register(bus, Finding.class, JsonForm.FINDING);
  }

  private static <T> void register(EventBus bus, Class<T> type, JsonForm<T> form) {
    bus.registerDefaultCodec(
        type,
        new Codec<>(
            form.type(),
            (message, out) -> out.appendBytes(form.write(message)),
            (in, start, end) -> form.read(in.getBytes(start, end))));
  }

  @FunctionalInterface
  private interface Reader<T> {
    T read(Buffer in, int start, int end);
  }

  private static final class Codec<T> implements MessageCodec<T, T> {
    private final String name;
    private final BiConsumer<T, Buffer> writer;
    private final Reader<T> reader;

    Codec(String name, BiConsumer<T, Buffer> writer, Reader<T> reader) {
      this.name = name;
      this.writer = writer;
      this.reader = reader;
    }

    @Override
    public void encodeToWire(Buffer out, T message) {
      int start = out.length();
      out.appendInt(0);
      writer.accept(message, out);
      out.setInt(start, out.length() - start - Integer.BYTES);
    }

    @Override
    public T decodeFromWire(int position, Buffer in) {
      int left = in.length() - position - Integer.BYTES;
      int length = left < 0 ? 0 : in.getInt(position);
      if (left < 0 || length < 0 || length > left) {
        throw new WireFormatException(name, "length " + length + " with " + left + " bytes left");
      }
      int start = position + Integer.BYTES;
      return reader.read(in, start, start + length);
    }

    @Override
    public T transform(T message) {
      return message;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public byte systemCodecID() {
      return -1;
    }
  }
}
