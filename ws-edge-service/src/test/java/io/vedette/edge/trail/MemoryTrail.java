package io.vedette.edge.trail;

import io.vedette.model.RecordDraft;
import io.vedette.runtime.ServiceContext;
import io.vedette.store.MicroClock;
import io.vedette.store.audit.Audit;
import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.trail.Checkpoint;
import io.vedette.trail.EntryHasher;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.Tile;
import io.vedette.trail.TileId;
import io.vedette.trail.TreeBuilder;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Trail 1 in memory: appended, integrated and signed when the test says so. */
public final class MemoryTrail implements TrailStore {
  static final String ORIGIN = "vedette.invalid/test";
  static final NoteSigner KEY = NoteSigner.ofSeed(ORIGIN, new byte[32]);

  List<Key> keys = List.of(new Key(KEY.verifier().vkey(), true));
  long minIndex;
  long erasedFirst;
  long erasedEnd;
  private final Map<Long, Opening> openings = new TreeMap<>();
  private final Map<String, byte[]> tiles = new HashMap<>();
  private final TreeBuilder tree = TreeBuilder.empty();
  private byte[] commitments = new byte[0];
  private Optional<StoredCheckpoint> newest = Optional.empty();

  /** Of an edge that has an empty trail; what it would record goes nowhere. */
  public static TrailSide side(ServiceContext ctx) {
    return side(ctx, new MemoryTrail(), new MemoryActs(), drafts -> Future.succeededFuture());
  }

  static TrailSide side(
      ServiceContext ctx,
      TrailStore store,
      TrailActs acts,
      Function<List<RecordDraft>, Future<Void>> sink) {
    Audit audit = new Audit(ctx.vertx(), "edge", sink, ctx.metrics(), MicroClock.SYSTEM);
    return new TrailSide(ctx, store, acts, audit, Future::succeededFuture);
  }

  synchronized void append(int count) {
    long size = size();
    byte[] longer = Arrays.copyOf(commitments, commitments.length + 32 * count);
    EntryHasher hasher = new EntryHasher();
    for (int i = 0; i < count; i++) {
      byte[] salt = Arrays.copyOf(Long.toString(size + i).getBytes(StandardCharsets.US_ASCII), 16);
      byte[] record = ("{\"message\":\"" + (size + i) + "\"}").getBytes(StandardCharsets.US_ASCII);
      openings.put(size + i, new Opening(salt, record));
      hasher.commit(salt, record, longer, (int) size + i);
    }
    commitments = longer;
  }

  /** Tiles of everything appended; the checkpoint is another step. */
  synchronized void integrate() {
    byte[] added = Arrays.copyOfRange(commitments, (int) tree.size() * 32, commitments.length);
    tree.append(new EntryHasher().leafHashes(added));
    for (Tile tile : tree.takeTiles()) {
      tiles.put(tile.id().level() + "/" + tile.id().index(), tile.hashes());
    }
  }

  synchronized StoredCheckpoint sign() {
    integrate();
    String note =
        new Checkpoint(ORIGIN, tree.size(), tree.root()).sign(List.of(KEY)).toString();
    StoredCheckpoint checkpoint = new StoredCheckpoint(
        "e1", tree.size(), tree.root().toBytes(), note, 1_700_000_000_000_000L);
    newest = Optional.of(checkpoint);
    return checkpoint;
  }

  synchronized void erase(long index) {
    openings.remove(index);
  }

  synchronized void replace(long index, String record) {
    Opening before = Objects.requireNonNull(openings.get(index));
    openings.put(index, new Opening(before.salt(), record.getBytes(StandardCharsets.US_ASCII)));
  }

  synchronized byte[] record(long index) {
    return Objects.requireNonNull(openings.get(index)).canonical();
  }

  private long size() {
    return commitments.length / 32;
  }

  @Override
  public synchronized Future<Optional<Head>> head(int trail) {
    return Future.succeededFuture(
        trail == 1 ? Optional.of(new Head("e1", ORIGIN, size(), minIndex)) : Optional.empty());
  }

  @Override
  public synchronized Future<Optional<StoredCheckpoint>> newest(int trail) {
    return Future.succeededFuture(trail == 1 ? newest : Optional.empty());
  }

  @Override
  public synchronized Future<Map<TileId, byte[]>> tiles(int trail, Collection<TileId> wanted) {
    Map<TileId, byte[]> found = new HashMap<>();
    for (TileId id : wanted) {
      byte[] hashes = tiles.get(id.level() + "/" + id.index());
      if (trail == 1 && hashes != null && hashes.length >= 32 * id.width()) {
        found.put(id, hashes);
      }
    }
    return Future.succeededFuture(found);
  }

  @Override
  public synchronized Future<byte[]> commitments(int trail, long from, int count) {
    int end = (int) Math.min(size(), from + count);
    return Future.succeededFuture(Arrays.copyOfRange(commitments, (int) from * 32, end * 32));
  }

  @Override
  public synchronized Future<Optional<Opening>> opening(int trail, long index) {
    return Future.succeededFuture(Optional.ofNullable(openings.get(index)));
  }

  /** Three indices to a page: a reader has to go on. */
  @Override
  public synchronized Future<Page> payloads(int trail, long from, long end) {
    long reached = Math.min(end, from + 3);
    List<Payload> found = new ArrayList<>();
    for (long index = from; index < reached; index++) {
      Opening opening = openings.get(index);
      if (opening != null) {
        found.add(new Payload(index, opening));
      }
    }
    return Future.succeededFuture(new Page(
        found,
        reached,
        List.of(new Gone(0, 2, Why.EXPIRED), new Gone(erasedFirst, erasedEnd, Why.ERASED))));
  }

  @Override
  public Future<List<Key>> keys(int trail, String origin) {
    return Future.succeededFuture(keys);
  }
}
