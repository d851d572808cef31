package io.vedette.trail.verify;

import io.vedette.trail.Checkpoint;
import io.vedette.trail.EntryHasher;
import io.vedette.trail.Hash;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.Tile;
import io.vedette.trail.TileId;
import io.vedette.trail.TreeBuilder;
import io.vedette.trail.TreeHasher;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A log as a database holds it, made by the writer, every part of which a test can change. */
final class Sample {
  static final NoteSigner SIGNER = NoteSigner.ofSeed("example.com/sample", new byte[32]);
  static final LogKey KEY = LogKey.parse(SIGNER.verifier().vkey());

  final List<byte[]> entries = new ArrayList<>();
  final List<byte @Nullable []> salts = new ArrayList<>();
  final List<byte @Nullable []> records = new ArrayList<>();
  final Map<TileId, byte[]> tiles = new HashMap<>();
  final Map<Long, byte[]> checkpoints = new HashMap<>();

  /** A log of {@code sizes[last]} records with a checkpoint at each size; every one of them with all of its tiles. */
  static Sample of(Random random, int... sizes) {
    Sample log = new Sample();
    EntryHasher hasher = new EntryHasher();
    TreeHasher leaves = new TreeHasher();
    TreeBuilder tree = TreeBuilder.empty();
    for (int size : sizes) {
      while (log.entries.size() < size) {
        byte[] salt = new byte[16];
        random.nextBytes(salt);
        byte[] record = ("{\"message\":\"" + log.entries.size() + "\",\"v\":1}")
            .getBytes(StandardCharsets.UTF_8);
        log.entries.add(hasher.entry(salt, record));
        log.salts.add(salt);
        log.records.add(record);
        tree.append(leaves.leaf(log.entries.get(log.entries.size() - 1)).toBytes());
      }
      for (Tile tile : tree.takeTiles()) {
        log.tiles.put(tile.id(), tile.hashes());
      }
      log.checkpoints.put((long) size, sign(size, tree.root(), SIGNER));
    }
    return log;
  }

  static byte[] sign(long size, Hash root, NoteSigner signer) {
    return new Checkpoint("example.com/sample", size, root)
        .sign(List.of(signer))
        .toBytes();
  }

  SignedCheckpoint checkpoint(long size) {
    byte[] note = checkpoints.get(size);
    if (note == null) {
      throw new IllegalArgumentException("no checkpoint of size " + size);
    }
    return SignedCheckpoint.open(note, KEY);
  }

  byte @Nullable [] hashes(int level, long index, int width) {
    return tiles.get(new TileId(level, index, width));
  }

  /** Changes an entry together with its payload, so that the two still agree. */
  void forge(int index) {
    byte[] record = "{\"message\":\"forged\",\"v\":1}".getBytes(StandardCharsets.UTF_8);
    byte[] salt = new byte[16];
    salts.set(index, salt);
    records.set(index, record);
    entries.set(index, new EntryHasher().entry(salt, record));
  }

  /** Makes the tiles, all of them, again from the entries as they are now, as one without the key would. */
  Hash rebuildTiles(int size) {
    tiles.clear();
    TreeHasher leaves = new TreeHasher();
    TreeBuilder tree = TreeBuilder.empty();
    entries.subList(0, size).forEach(entry -> tree.append(leaves.leaf(entry).toBytes()));
    tree.takeTiles().forEach(tile -> tiles.put(tile.id(), tile.hashes()));
    return tree.root();
  }

  void remove(int index) {
    entries.remove(index);
    salts.remove(index);
    records.remove(index);
  }

  LogVerifier.Setup setup(long size) {
    return LogVerifier.against(checkpoint(size)).tiles(this::hashes).payloads(index -> false);
  }

  Verdict verify(long size) {
    return verify(setup(size), size);
  }

  /** Feeds what there is up to {@code size}. */
  Verdict verify(LogVerifier.Setup setup, long size) {
    try (LogVerifier verifier = setup.start()) {
      feed(verifier, size);
      return verifier.finish();
    }
  }

  void feed(LogVerifier verifier, long size) {
    for (int i = (int) verifier.next(); i < Math.min(size, entries.size()); i++) {
      if (!verifier.add(entries.get(i), salts.get(i), records.get(i))) {
        return;
      }
    }
  }
}
