package io.vedette.collector.integrate;

import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.trail.EntryHasher;
import io.vedette.trail.Tile;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.LogVerifier;
import io.vedette.trail.verify.SignedCheckpoint;
import io.vedette.trail.verify.Verdict;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The log's tables as maps, with the same rules as the SQL functions. */
final class MemoryLog implements LogPort {
  static final String ORIGIN = "example.org/audit";

  String epoch = "0123456789abcdef";
  String origin = ORIGIN;
  final List<byte[]> commitments = new ArrayList<>();
  final Map<String, byte[]> tiles = new HashMap<>();
  final NavigableMap<Long, StoredCheckpoint> checkpoints = new TreeMap<>();
  final Set<String> keys = new LinkedHashSet<>();
  final List<String> declared = new ArrayList<>();
  private final EntryHasher hasher = new EntryHasher();

  void append(int count) {
    for (int i = 0; i < count; i++) {
      byte[] commitment = new byte[32];
      hasher.commit(new byte[16], record(commitments.size()), commitment, 0);
      commitments.add(commitment);
    }
  }

  static byte[] record(long index) {
    return ("{\"message\":\"" + index + "\"}").getBytes(StandardCharsets.UTF_8);
  }

  MemoryLog copy() {
    MemoryLog copy = new MemoryLog();
    copy.epoch = epoch;
    copy.origin = origin;
    copy.commitments.addAll(commitments);
    copy.tiles.putAll(tiles);
    copy.checkpoints.putAll(checkpoints);
    copy.keys.addAll(keys);
    copy.declared.addAll(declared);
    return copy;
  }

  /** Checks everything against the newest checkpoint and all earlier ones. */
  Verdict verify(String vkey) {
    LogKey key = LogKey.parse(vkey);
    byte[] newest = checkpoints.lastEntry().getValue().note().getBytes(StandardCharsets.UTF_8);
    LogVerifier.Setup setup = LogVerifier.against(
            SignedCheckpoint.open(newest, origin, List.of(key)))
        .tiles((level, index, width) -> {
          byte[] tile = tile(level, index);
          return tile == null ? null : Arrays.copyOf(tile, width * 32);
        });
    checkpoints
        .values()
        .forEach(earlier -> setup.earlier(SignedCheckpoint.open(
            earlier.note().getBytes(StandardCharsets.UTF_8), origin, List.of(key))));
    try (LogVerifier verifier = setup.start()) {
      for (int i = 0; i < verifier.size() && i < commitments.size(); i++) {
        verifier.add(LogVerifier.entry(commitments.get(i), 0));
      }
      return verifier.finish();
    }
  }

  @Override
  public Head head() {
    return new Head(epoch, origin, commitments.size());
  }

  @Override
  public byte[] commitments(long from, int limit) {
    ByteArrayOutputStream hashes = new ByteArrayOutputStream();
    commitments
        .subList((int) from, (int) Math.min(from + limit, commitments.size()))
        .forEach(hashes::writeBytes);
    return hashes.toByteArray();
  }

  @Override
  public byte @Nullable [] tile(int level, long n) {
    return tiles.get(level + "/" + n);
  }

  @Override
  public void putTiles(List<Tile> grown) {
    for (Tile tile : grown) {
      String name = tile.id().level() + "/" + tile.id().index();
      byte[] stored = tiles.getOrDefault(name, new byte[0]);
      int common = Math.min(stored.length, tile.hashes().length);
      if (!Arrays.equals(stored, 0, common, tile.hashes(), 0, common)) {
        throw new NotSigningException(NotSigningException.Reason.STORED, "tile " + name);
      }
      if (tile.hashes().length > stored.length) {
        tiles.put(name, tile.hashes().clone());
      }
    }
  }

  @Override
  public Optional<StoredCheckpoint> newest() {
    return checkpoints.descendingMap().values().stream()
        .filter(one -> one.epoch().equals(epoch))
        .findFirst();
  }

  @Override
  public boolean putCheckpoint(String ofEpoch, long from, long size, byte[] root, String note) {
    long newest = newest().map(StoredCheckpoint::size).orElse(-1L);
    if (newest != from || size < from) {
      return false;
    }
    checkpoints.put(size, new StoredCheckpoint(ofEpoch, size, root, note, 0));
    return true;
  }

  @Override
  public boolean putKeys(String ofOrigin, List<String> vkeys) {
    if (!keys.isEmpty() && vkeys.stream().noneMatch(keys::contains)) {
      return false;
    }
    keys.clear();
    keys.addAll(vkeys);
    return true;
  }

  @Override
  public List<String> successions() {
    return List.copyOf(declared);
  }
}
