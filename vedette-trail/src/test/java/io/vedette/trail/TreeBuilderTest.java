package io.vedette.trail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TreeBuilderTest {
  @Test
  void everySizeTo2000HasTheNaiveRootAndTiles() {
    NaiveTree naive = NaiveTree.ofSize(2000);
    TreeBuilder tree = TreeBuilder.empty();
    TileStore store = new TileStore();
    for (int size = 0; size <= 2000; size++) {
      if (size > 0) {
        tree.append(naive.leafHashes(size - 1, size));
      }
      assertThat(tree.size()).isEqualTo(size);
      assertThat(tree.root()).as("size %d", size).isEqualTo(naive.root(size));
      List<Tile> written = tree.takeTiles();
      written.forEach(
          tile -> assertThat(tile.hashes()).as("%s", tile).isEqualTo(naiveTile(naive, tile.id())));
      store.put(written);
      assertThat(TreeBuilder.restore(size, naive.root(size), store).root())
          .isEqualTo(naive.root(size));
    }
  }

  @Test
  void randomBatchesRestoredFromTilesBetweenEachHaveTheNaiveRoot() {
    Seed seed = Seed.of(6962);
    Random random = seed.random();
    NaiveTree naive = NaiveTree.ofSize(140_000);
    TileStore store = new TileStore();
    TreeBuilder tree = TreeBuilder.empty();
    for (int size = 0; size < 140_000; ) {
      int next = Math.min(140_000, size + 1 + random.nextInt(random.nextBoolean() ? 300 : 20_000));
      tree.append(naive.leafHashes(0, next), size, next - size);
      store.put(tree.takeTiles());
      assertThat(tree.root()).as("size %d, %s", next, seed).isEqualTo(naive.root(next));
      tree = TreeBuilder.restore(next, naive.root(next), store);
      size = next;
    }
  }

  /** The example of C2SP tlog-tiles, section "Partial Tiles". */
  @Test
  void aTreeOf70000LeavesHasTheTilesOfTheSpecification() {
    TreeBuilder tree = TreeBuilder.empty();
    tree.append(new byte[70_000 * 32]);
    List<String> paths = new ArrayList<>();
    tree.takeTiles().forEach(tile -> paths.add(tile.id().path()));
    assertThat(paths).hasSize(273 + 4).contains("tile/0/000", "tile/0/272", "tile/0/273.p/112");
    assertThat(paths).contains("tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1");
    assertThat(tree.takeTiles()).isEmpty();
  }

  /** The second example of C2SP tlog-tiles, section "Partial Tiles". */
  @Test
  void aTreeOf256LeavesHasAFullTileAndAPartialOneAboveIt() {
    TreeBuilder tree = TreeBuilder.empty();
    tree.append(new byte[256 * 32]);
    assertThat(tree.takeTiles())
        .map(tile -> tile.id().path())
        .containsExactly("tile/0/000", "tile/1/000.p/1");
  }

  @Test
  void onlyTilesThatGrewAreWrittenAgain() {
    TreeBuilder tree = TreeBuilder.empty();
    tree.append(new byte[300 * 32]);
    tree.takeTiles();
    tree.append(new byte[32]);
    assertThat(tree.takeTiles()).map(tile -> tile.id().path()).containsExactly("tile/0/001.p/45");
  }

  @Test
  void tilesThatDoNotLeadToTheRootAreRefused() {
    NaiveTree naive = NaiveTree.ofSize(700);
    TreeBuilder tree = TreeBuilder.empty();
    tree.append(naive.leafHashes(0, 700));
    TileStore store = new TileStore();
    store.put(tree.takeTiles());
    assertThatThrownBy(() -> TreeBuilder.restore(700, naive.root(699), store))
        .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.reason())
            .isEqualTo(RefusedException.Reason.MISMATCH))
        .hasMessageContaining(naive.root(700).toString())
        .hasMessageContaining(naive.root(699).toString());
    assertThatThrownBy(() -> TreeBuilder.restore(1400, naive.root(700), store))
        .isInstanceOf(RefusedException.class)
        .hasMessage("tile/0/005.p/120: absent (expected: 3840 bytes)");
  }

  private static byte[] naiveTile(NaiveTree naive, TileId id) {
    byte[] hashes = new byte[id.width() * 32];
    int span = 1 << (8 * id.level());
    for (int i = 0; i < id.width(); i++) {
      int start = (int) (id.index() * 256 + i) * span;
      naive.hash(start, start + span).copyTo(hashes, i);
    }
    return hashes;
  }
}
