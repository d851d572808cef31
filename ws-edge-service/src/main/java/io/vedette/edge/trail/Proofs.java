package io.vedette.edge.trail;

import io.vedette.edge.trail.TrailStore.Opening;
import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.trail.EntryHasher;
import io.vedette.trail.Hash;
import io.vedette.trail.InclusionProof;
import io.vedette.trail.Note;
import io.vedette.trail.ProofFile;
import io.vedette.trail.RefusedException;
import io.vedette.trail.TileId;
import io.vedette.trail.TreeHasher;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes proof files. Each is checked before it is handed out: one that does not hold shows that what is stored was changed. */
final class Proofs {
  private final TrailStore store;
  private final Published published;

  /** What became of a wish for a proof. */
  sealed interface Outcome {
    record Proven(byte[] file) implements Outcome {}

    /** There is no such entry. */
    record Absent(long size) implements Outcome {}

    /** Its entry stays, its payload and salt were erased or have expired. */
    record PayloadGone() implements Outcome {}

    record NotCovered() implements Outcome {}

    /** What is stored does not lead to what was signed. */
    record Broken(String reason) implements Outcome {}
  }

  Proofs(TrailStore store, Published published) {
    this.store = store;
    this.published = published;
  }

  Future<Outcome> prove(int trail, long index) {
    return store
        .opening(trail, index)
        .compose(opening -> opening.isPresent()
            ? against(trail, index, opening.get())
            : store.head(trail).map(head -> missing(index, head)));
  }

  private static Outcome missing(long index, Optional<TrailStore.Head> head) {
    long size = head.map(TrailStore.Head::size).orElse(0L);
    return index < size ? new Outcome.PayloadGone() : new Outcome.Absent(size);
  }

  private Future<Outcome> against(int trail, long index, Opening opening) {
    return published.covering(trail, index + 1).compose(checkpoint -> {
      if (checkpoint.isEmpty()) {
        return Future.succeededFuture(new Outcome.NotCovered());
      }
      Set<TileId> wanted = InclusionProof.tiles(index, checkpoint.get().size());
      return store.tiles(trail, wanted).map(tiles -> file(index, opening, checkpoint.get(), tiles));
    });
  }

  private static Outcome file(
      long index, Opening opening, StoredCheckpoint checkpoint, Map<TileId, byte[]> tiles) {
    try {
      InclusionProof proof =
          InclusionProof.of(index, checkpoint.size(), id -> tiles.getOrDefault(id, new byte[0]));
      byte[] entry = new EntryHasher().entry(opening.salt(), opening.canonical());
      if (!proof.proves(new TreeHasher().leaf(entry), Hash.of(checkpoint.root()))) {
        return new Outcome.Broken("record " + index
            + " and the stored tiles do not lead to the root signed for size "
            + checkpoint.size());
      }
      Note note = Note.parse(checkpoint.note().getBytes(StandardCharsets.UTF_8));
      return new Outcome.Proven(ProofFile.of(opening.salt(), proof, note).toBytes());
    } catch (RefusedException e) {
      return new Outcome.Broken(String.valueOf(e.getMessage()));
    }
  }
}
