package io.vedette.edge.resume;

import io.vedette.model.RecordView;
import java.util.Arrays;

/**
 * One publication of an ordered topic, encoded: {@code frame} is the whole {@code rec} message, UTF-8 JSON. Its body begins at {@code bodyFrom}; what it is about, a record or the whole body of another
 * publication, stands from {@code factsFrom} to {@code factsTo}.
 */
public record Entry(long offset, byte[] frame, int bodyFrom, int factsFrom, int factsTo) {
  public Entry(long offset, byte[] frame) {
    this(offset, frame, 0, 0, frame.length);
  }

  /** A {@code rec} message whose body has this length, and whose facts are the body, or end one byte before it does. */
  public static Entry of(long offset, byte[] frame, int bodyLength, int factsLength) {
    int factsTo = factsLength == bodyLength ? frame.length - 1 : frame.length - 2;
    return new Entry(offset, frame, frame.length - 1 - bodyLength, factsTo - factsLength, factsTo);
  }

  /** The body of the message: between its headers and its last brace. */
  public byte[] body() {
    return Arrays.copyOfRange(frame, bodyFrom, frame.length - 1);
  }

  /** What filters look at; parsed at the first look. */
  public RecordView facts() {
    return new RecordView(Arrays.copyOfRange(frame, factsFrom, factsTo));
  }
}
