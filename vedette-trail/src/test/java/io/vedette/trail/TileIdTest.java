package io.vedette.trail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths of C2SP tlog-tiles; the vectors are its examples and those of transparency-dev/tessera, {@code api/layout/paths_test.go}. */
class TileIdTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0, 256, tile/0/000",
    "0, 1234067, 256, tile/0/x001/x234/067",
    "0, 1234067, 89, tile/0/x001/x234/067.p/89",
    "63, 999999999999999999, 255, tile/63/x999/x999/x999/x999/x999/999.p/255",
    "0, 1000, 256, tile/0/x001/000",
    "1, 999, 1, tile/1/999.p/1",
    "-1, 0, 256, tile/entries/000",
    "-1, 1234067, 8, tile/entries/x001/x234/067.p/8"
  })
  void pathsAreThoseOfTheSpecification(int level, long index, int width, String path) {
    TileId tile = new TileId(level, index, width);
    assertThat(tile.path()).isEqualTo(path);
    assertThat(TileId.parse(path)).isEqualTo(tile);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/x/000",
        "tile/0/x00",
        "tile/0/x000",
        "tile/0/x000/001",
        "tile/0/001/234",
        "tile/0/X001/234",
        "tile/0/x001/x234",
        "tile/0/x01/234",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/1000",
        "tile/0/000.p/-1",
        "tile/0/000.p/1/2",
        "tile/0/000.q/1",
        "tile/0/000p/1",
        "tile/0/.p/1",
        "tile/.p/1",
        "tile/0/x001.p/234",
        "tile/0/x001.p/234.p/5",
        "tile/entries",
        "tile/entries/",
        "tile/Entries/000",
        "tiles/0/000",
        "tile/0/\u0660\u0660\u0660",
        "tile/0/..",
        "tile/0/../0/000",
        "tile/0/000?x=1",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/999"
      })
  void otherSpellingsAreRefused(String path) {
    assertThatThrownBy(() -> TileId.parse(path))
        .isInstanceOf(RefusedException.class)
        .hasMessageStartingWith("tile path: ");
  }

  @Test
  void aTileIsAsWideAsTheTreeMakesIt() {
    assertThat(TileId.inTree(0, 273, 70_000).width()).isEqualTo(112);
    assertThat(TileId.inTree(TileId.ENTRIES, 273, 70_000).path())
        .isEqualTo("tile/entries/273.p/112");
    assertThat(TileId.inTree(1, 1, 70_000).width()).isEqualTo(17);
    assertThat(TileId.inTree(2, 0, 70_000).width()).isEqualTo(1);
    assertThat(TileId.inTree(0, 3, 70_000).isPartial()).isFalse();
    assertThat(TileId.inTree(7, 0, Long.MAX_VALUE).width()).isEqualTo(127);
    assertThatThrownBy(() -> TileId.inTree(0, 274, 70_000))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TileId.inTree(8, 0, Long.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
