package io.vedette.trail.verify;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Consecutive entries, with their payloads if there are any, that one thread hashes: whole tiles where the bounds allow. */
final class Run {
  /** Payload bytes after which a run is closed early, so that a queue of runs stays small in memory. */
  static final long MAX_BYTES = 4 << 20;

  final long first;
  private final List<byte[]> entries = new ArrayList<>();
  private final List<byte @Nullable []> salts = new ArrayList<>();
  private final List<byte @Nullable []> records = new ArrayList<>();
  private final boolean vedette;
  private long bytes;

  /**
   * What hashing a run gave.
   *
   * @param leaves leaf hashes, concatenated
   * @param roots of the tiles that lie whole within the run, in order
   * @param fault the first entry that is not right in itself
   */
  @SuppressWarnings("ArrayRecordComponent") // package private, handed over
  record Hashed(
      long first,
      int count,
      byte[] leaves,
      List<byte[]> roots,
      long payloads,
      @Nullable Fault fault) {}

  /** A run beginning at this index; {@code vedette} demands Vedette's form of every entry. */
  Run(long first, boolean vedette) {
    this.first = first;
    this.vedette = vedette;
  }

  void add(byte[] entry, byte @Nullable [] salt, byte @Nullable [] record) {
    entries.add(entry);
    salts.add(salt);
    records.add(record);
    bytes += entry.length + (record == null ? 0 : record.length);
  }

  int count() {
    return entries.size();
  }

  boolean isFull(int most) {
    return (first + entries.size()) % most == 0 || bytes >= MAX_BYTES;
  }

  Hashed hash() {
    Sha sha = new Sha();
    byte[] scratch = new byte[Sha.SIZE];
    byte[] leaves = new byte[entries.size() * Sha.SIZE];
    long payloads = 0;
    Fault fault = null;
    for (int i = 0; i < entries.size(); i++) {
      byte[] entry = entries.get(i);
      byte[] salt = salts.get(i);
      byte[] record = records.get(i);
      sha.leaf(entry, leaves, i * Sha.SIZE);
      if (vedette && !VedetteEntry.hasForm(entry)) {
        fault = fault != null
            ? fault
            : Fault.at(
                Reason.ENTRY,
                first + i,
                entry.length + " bytes (expected: 33, the first of them 1)");
      } else if (salt != null && record != null) {
        if (VedetteEntry.commitsTo(entry, salt, record, sha, scratch)) {
          payloads++;
        } else if (fault == null) {
          String what = salt.length + " bytes of salt and " + record.length + " of record";
          fault = Fault.at(
              Reason.PAYLOAD, first + i, what + " do not give the entry that commits to them");
        }
      }
    }
    return new Hashed(first, entries.size(), leaves, roots(sha, leaves), payloads, fault);
  }

  private List<byte[]> roots(Sha sha, byte[] leaves) {
    List<byte[]> roots = new ArrayList<>();
    int skipped = (int) Math.floorMod(-first, (long) TileChain.WIDTH);
    for (int at = skipped; at + TileChain.WIDTH <= entries.size(); at += TileChain.WIDTH) {
      roots.add(sha.complete(leaves, at * Sha.SIZE, TileChain.WIDTH));
    }
    return roots;
  }
}
