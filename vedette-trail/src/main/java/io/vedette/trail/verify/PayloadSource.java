package io.vedette.trail.verify;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is left of the payloads of a log's entries; none of it is believed. Asked by several threads at once. */
@FunctionalInterface
public interface PayloadSource {
  /** A salt and the record it was hashed with. */
  @SuppressWarnings("ArrayRecordComponent") // handed over
  record Payload(byte[] salt, byte[] record) {}

  /** Payloads from an index on, one for each of {@code count} entries or of the first of them, but at least one; null where it is gone. */
  List<@Nullable Payload> read(long first, int count) throws IOException;
}
