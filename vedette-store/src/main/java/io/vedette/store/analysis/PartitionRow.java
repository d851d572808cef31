package io.vedette.store.analysis;

/**
 * Stored state of one analysis partition after a batch.
 *
 * @param atUs log time of the batch
 * @param findings number of its last finding
 * @param state the analyzer's own bytes, empty at the beginning; not to be modified
 */
public record PartitionRow(
    int trail, int partition, long batch, long atUs, int timeline, long findings, byte[] state) {
  private static final byte[] NONE = {};

  /** A partition nobody has stored yet. */
  public static PartitionRow beginning(int trail, int partition, long batch) {
    return new PartitionRow(trail, partition, batch, 0, 0, 0, NONE);
  }
}
