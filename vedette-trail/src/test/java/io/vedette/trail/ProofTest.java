package io.vedette.trail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProofTest {
  private static final int LARGE = 70_000;
  private final NaiveTree naive = NaiveTree.ofSize(2000);

  @Test
  void everyProofOfSmallTreesIsTheNaiveOneAndProves() {
    TileStore tiles = tiles(naive, 100);
    for (int size = 1; size <= 100; size++) {
      for (int index = 0; index < size; index++) {
        checkInclusion(naive, tiles, index, size, "all");
        checkConsistency(naive, tiles, index, size, "all");
      }
      checkConsistency(naive, tiles, size, size, "all");
    }
  }

  @Test
  void sampledProofsOfEverySizeTo2000() {
    Seed seed = Seed.of(9162);
    Random random = seed.random();
    TileStore tiles = tiles(naive, 2000);
    for (int size = 1; size <= 2000; size++) {
      for (int sample = 0; sample < 3; sample++) {
        checkInclusion(naive, tiles, random.nextInt(size), size, seed);
        checkConsistency(naive, tiles, random.nextInt(size + 1), size, seed);
      }
    }
  }

  @Test
  void sampledProofsOfLargerTrees() {
    Seed seed = Seed.of(42);
    Random random = seed.random();
    NaiveTree large = NaiveTree.ofSize(LARGE);
    TileStore tiles = tiles(large, LARGE);
    for (int sample = 0; sample < 300; sample++) {
      int size = 1 + random.nextInt(LARGE);
      checkInclusion(large, tiles, random.nextInt(size), size, seed);
      checkConsistency(large, tiles, random.nextInt(size + 1), size, seed);
    }
  }

  @Test
  void aChangedProofProvesNothing() {
    Seed seed = Seed.of(7);
    Random random = seed.random();
    TileStore tiles = tiles(naive, 2000);
    for (int sample = 0; sample < 2000; sample++) {
      int size = 2 + random.nextInt(1500);
      int index = random.nextInt(size);
      InclusionProof inclusion = InclusionProof.of(index, size, tiles);
      assertThat(inclusion.proves(naive.leaf(index), naive.root(size + 1)))
          .as("%s", seed)
          .isFalse();
      assertThat(inclusion.proves(naive.leaf(index + 1), naive.root(size)))
          .as("%s", seed)
          .isFalse();
      List<Hash> changed = changed(inclusion.path(), random);
      assertThat(
              new InclusionProof(index, size, changed).proves(naive.leaf(index), naive.root(size)))
          .as("%s", seed)
          .isFalse();
      int old = 1 + random.nextInt(size - 1);
      ConsistencyProof consistency = ConsistencyProof.of(old, size, tiles);
      assertThat(consistency.proves(naive.root(old + 1), naive.root(size)))
          .as("%s", seed)
          .isFalse();
      assertThat(consistency.proves(naive.root(old), naive.root(size + 1)))
          .as("%s", seed)
          .isFalse();
      ConsistencyProof other = new ConsistencyProof(old, size, changed(consistency.path(), random));
      assertThat(other.proves(naive.root(old), naive.root(size)))
          .as("%d of %d, %s", old, size, seed)
          .isFalse();
    }
  }

  @Test
  void aProofOfTheWrongLengthIsRefused() {
    List<Hash> path = InclusionProof.of(5, 8, tiles(naive, 8)).path();
    assertThatThrownBy(() -> new InclusionProof(5, 8, path.subList(0, 2)))
        .isInstanceOf(RefusedException.class)
        .hasMessage("inclusion proof: 2 hashes (expected: 3 for index 5 of 8)");
    assertThatThrownBy(() -> new InclusionProof(8, 8, path))
        .hasMessageContaining("index 8 (expected: 0 to 7");
    assertThatThrownBy(() -> new ConsistencyProof(0, 8, path))
        .hasMessageContaining("3 hashes (expected: none)");
    assertThatThrownBy(() -> new ConsistencyProof(9, 8, path)).hasMessageContaining("old size 9");
    List<Hash> longer = new ArrayList<>(path);
    longer.add(path.get(0));
    assertThat(new ConsistencyProof(6, 8, longer).proves(naive.root(6), naive.root(8)))
        .isFalse();
    assertThat(new ConsistencyProof(6, 8, path.subList(0, 2)).proves(naive.root(6), naive.root(8)))
        .isFalse();
  }

  @Test
  void theEmptyTreeIsAPrefixOfEveryTree() {
    ConsistencyProof proof = new ConsistencyProof(0, 5, List.of());
    assertThat(proof.proves(TreeHasher.EMPTY_ROOT, naive.root(5))).isTrue();
    assertThat(proof.proves(naive.root(1), naive.root(5))).isFalse();
  }

  @Test
  void theTilesAProofReadsAreKnownBefore() {
    TileStore store = tiles(naive, 1999);
    Map<TileId, byte[]> fetched = new HashMap<>();
    for (TileId tile : InclusionProof.tiles(700, 1999)) {
      fetched.put(tile, Tile.read(store, tile));
    }
    assertThat(InclusionProof.of(700, 1999, fetched::get))
        .isEqualTo(InclusionProof.of(700, 1999, store));
    assertThat(InclusionProof.tiles(700, 1999))
        .contains(new TileId(0, 2, 256), new TileId(1, 0, 7), new TileId(0, 7, 207))
        .hasSize(3);
    fetched.clear();
    for (TileId tile : ConsistencyProof.tiles(700, 1999)) {
      fetched.put(tile, Tile.read(store, tile));
    }
    assertThat(ConsistencyProof.of(700, 1999, fetched::get))
        .isEqualTo(ConsistencyProof.of(700, 1999, store));
  }

  private static void checkInclusion(
      NaiveTree naive, TileStore tiles, int index, int size, Object seed) {
    InclusionProof proof = InclusionProof.of(index, size, tiles);
    assertThat(proof.path())
        .as("%d of %d, %s", index, size, seed)
        .isEqualTo(naive.path(index, 0, size));
    assertThat(proof.proves(naive.leaf(index), naive.root(size)))
        .as("%d of %d, %s", index, size, seed)
        .isTrue();
  }

  private static void checkConsistency(
      NaiveTree naive, TileStore tiles, int oldSize, int newSize, Object seed) {
    ConsistencyProof proof = ConsistencyProof.of(oldSize, newSize, tiles);
    assertThat(proof.path())
        .as("%d of %d, %s", oldSize, newSize, seed)
        .isEqualTo(naive.consistency(oldSize, newSize));
    assertThat(proof.proves(naive.root(oldSize), naive.root(newSize)))
        .as("%d of %d, %s", oldSize, newSize, seed)
        .isTrue();
  }

  private static List<Hash> changed(List<Hash> path, Random random) {
    List<Hash> changed = new ArrayList<>(path);
    int position = random.nextInt(path.size());
    byte[] hash = path.get(position).toBytes();
    hash[random.nextInt(32)] ^= (byte) (1 << random.nextInt(8));
    changed.set(position, Hash.of(hash));
    return changed;
  }

  private static TileStore tiles(NaiveTree naive, int size) {
    TreeBuilder tree = TreeBuilder.empty();
    tree.append(naive.leafHashes(0, size));
    TileStore store = new TileStore();
    store.put(tree.takeTiles());
    return store;
  }
}
