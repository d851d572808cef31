package io.vedette.collector.source;

import io.vedette.collector.append.Offer;
import io.vedette.model.CanonicalRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pull source read at once, and how far that moves its cursor.
 *
 * @param records of the source, and gap records for what it could not read
 * @param rejected what could not be decoded: for the quarantine
 * @param receivedUs when it was read
 * @param processUs how long the steps of the pipeline took for all its records together
 * @param bytes as read
 */
public record Piece(
    List<CanonicalRecord> records,
    List<Undecodable> rejected,
    Offer.@Nullable Position position,
    long receivedUs,
    long processUs,
    long bytes) {
  public Piece {
    records = List.copyOf(records);
    rejected = List.copyOf(rejected);
  }

  /** Bytes that are no record, with the reason. */
  public record Undecodable(io.vedette.model.Rejection rejection, byte[] payload) {}
}
