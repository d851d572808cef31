package io.vedette.edge.trail;

import io.vedette.store.trail.Checkpoints.StoredCheckpoint;
import io.vedette.trail.TileId;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is read of a trail to prove something of it. A failed future means the store did not answer; an unknown trail is empty. */
public interface TrailStore {

  /**
   * @param size entries appended, published or not
   * @param minIndex below it no payload is kept but those of retention class 1
   */
  record Head(String epoch, String origin, long size, long minIndex) {}

  /** What a record's entry was made of. */
  record Opening(byte[] salt, byte[] canonical) {}

  /** What is left of an entry's payload: all of it. */
  record Payload(long index, Opening opening) {}

  /** Indices {@code [first, end)} whose payloads may be gone: what says so, and why. */
  record Gone(long first, long end, Why why) {}

  /** Why a payload is gone. */
  enum Why {
    /** A record of the trail names it as erased. */
    ERASED,
    /** Retention dropped a partition, of one class or another, that covers it. */
    EXPIRED
  }

  /** A public key; {@code signing} now, or earlier. */
  record Key(String vkey, boolean signing) {}

  /**
   * A page of payloads, in index order; an index below {@code end} that is not among them is gone.
   *
   * @param end the first index this page says nothing about
   */
  record Page(List<Payload> payloads, long end, List<Gone> gone) {
    public Page {
      payloads = List.copyOf(payloads);
      gone = List.copyOf(gone);
    }
  }

  Future<Optional<Head>> head(int trail);

  /** The newest checkpoint of the trail's incarnation. */
  Future<Optional<StoredCheckpoint>> newest(int trail);

  /** The hashes of these tiles, at least as many as each name asks for; a tile that is not stored is left out. */
  Future<Map<TileId, byte[]>> tiles(int trail, Collection<TileId> wanted);

  /** What the entries from an index on commit to, 32 bytes each; fewer where there are fewer. */
  Future<byte[]> commitments(int trail, long from, int count);

  /** Empty when the record was erased, has expired, or is not there yet. */
  Future<Optional<Opening>> opening(int trail, long index);

  /** Payloads of indices {@code [from, end)}, as many as a page holds, but at least one if there is one. */
  Future<Page> payloads(int trail, long from, long end);

  /** Public keys of this origin: those that sign now first, then the newest. */
  Future<List<Key>> keys(int trail, String origin);
}
