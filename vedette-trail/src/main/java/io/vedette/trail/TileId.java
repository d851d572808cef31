package io.vedette.trail;

import static io.vedette.trail.RefusedException.malformed;

/**
 * Names a tile or an entry bundle of C2SP {@code tlog-tiles}, sections "Merkle Tree" and "Log entries".
 *
 * <pre>
 *   tile/&lt;L&gt;/&lt;N&gt;[.p/&lt;W&gt;]          hashes: level L, tile N, W of them if the tile is partial
 *   tile/entries/&lt;N&gt;[.p/&lt;W&gt;]      entries, in step with the tiles of level 0
 *   N = 1234067                    x001/x234/067
 * </pre>
 *
 * @param level 0 to 63, or {@link #ENTRIES}
 * @param width hashes in the tile, 1 to 256; 256 is a full one
 */
public record TileId(int level, long index, int width) {
  /** The "level" of entry bundles. */
  public static final int ENTRIES = -1;

  /** Hashes in a full tile: the tiles are subtrees of height 8. */
  public static final int MAX_WIDTH = 256;

  static final int HEIGHT = 8;

  private static final String FORM =
      "tile/<0..63>/<N>[.p/<1..255>] or tile/entries/<N>[.p/<1..255>], N as in x001/x234/067";

  public TileId {
    if (level < ENTRIES || level > 63 || index < 0 || width < 1 || width > MAX_WIDTH) {
      throw new IllegalArgumentException("tile: level " + level + ", index " + index + ", width "
          + width + " (expected: -1..63, 0.., 1..256)");
    }
  }

  /** The tile at this place, as wide as it is in a tree of {@code size} leaves. */
  public static TileId inTree(int level, long index, long size) {
    long hashes = level <= 0 ? size : level > 7 ? 0 : size >>> (HEIGHT * level);
    return new TileId(
        level, index, (int) Math.max(0, Math.min(MAX_WIDTH, hashes - index * MAX_WIDTH)));
  }

  /** Parses a path without leading slash. Every tile has one spelling; any other is refused. */
  public static TileId parse(String path) {
    String[] parts = path.length() > 100 ? new String[0] : path.split("/", -1);
    if (parts.length < 3 || !parts[0].equals("tile")) {
      throw malformed("tile path", path, FORM);
    }
    boolean partial = parts[parts.length - 2].endsWith(".p");
    int width = partial ? number(path, parts[parts.length - 1], 3) : MAX_WIDTH;
    int end = partial ? parts.length - 1 : parts.length;
    long index = 0;
    for (int i = 2; i < end; i++) {
      boolean last = i == end - 1;
      String group = last && partial ? parts[i].substring(0, parts[i].length() - 2) : parts[i];
      if (group.length() != (last ? 3 : 4) || index > Long.MAX_VALUE / 1000 - 1) {
        throw malformed("tile path", path, FORM);
      }
      index = index * 1000 + number(path, last ? group : group.substring(1), 3);
    }
    int level = parts[1].equals("entries") ? ENTRIES : number(path, parts[1], 2);
    if (level > 63 || width < 1 || (partial && width >= MAX_WIDTH)) {
      throw malformed("tile path", path, FORM);
    }
    TileId tile = new TileId(level, index, width);
    if (!tile.path().equals(path)) {
      throw malformed("tile path", path, tile.path());
    }
    return tile;
  }

  public String path() {
    StringBuilder number = new StringBuilder(three(index % 1000));
    for (long rest = index / 1000; rest > 0; rest /= 1000) {
      number.insert(0, "x" + three(rest % 1000) + "/");
    }
    return "tile/" + (isEntries() ? "entries" : level) + "/" + number
        + (isPartial() ? ".p/" + width : "");
  }

  public boolean isEntries() {
    return level == ENTRIES;
  }

  public boolean isPartial() {
    return width < MAX_WIDTH;
  }

  private static int number(String path, String digits, int most) {
    if (digits.isEmpty() || digits.length() > most || !Strict.isDigits(digits)) {
      throw malformed("tile path", path, FORM);
    }
    return Integer.parseInt(digits);
  }

  private static String three(long number) {
    String digits = Long.toString(number);
    return "000".substring(digits.length()) + digits;
  }
}
