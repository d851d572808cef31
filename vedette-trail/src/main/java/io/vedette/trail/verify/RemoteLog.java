package io.vedette.trail.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A log read over HTTP as C2SP {@code tlog-tiles} lays it out. Believes nothing it is told and reads no more than a resource can
 * have, nor waits for one without end; blocks, for one thread, and reads ahead on others of its own while it feeds. A failure to reach the log is an {@link IOException} or its unchecked form, never a fault.
 */
public final class RemoteLog implements ClaimedTiles {
  private static final int WIDTH = TileChain.WIDTH;
  private static final int MAX_CHECKPOINT = 1 << 20;

  /** 256 entries of 65,535 bytes with their lengths. */
  private static final int MAX_BUNDLE = WIDTH * (2 + 0xffff);

  /** Requests under way at a time: enough to hide the way there and back, few enough for one server. */
  private static final int READERS = 8;

  /** Tiles kept until the verifier asks for them, 8 MiB: more than its threads have under way. Further ones are read again. */
  private static final int MAX_AHEAD = 1_024;

  private final BoundedGet http;
  private final String prefix;

  /** Tiles of level 0 that came with their entries and were not asked for yet: those of the runs that are being hashed. */
  private final Map<Long, byte[]> ahead = new HashMap<>();

  private RemoteLog(String prefix, BoundedGet http) {
    this.prefix = prefix;
    this.http = http;
  }

  /**
   * The log below this URL.
   *
   * @param headers names and values in turn, sent with every request, an {@code Authorization} perhaps
   */
  public static RemoteLog at(URI prefix, String... headers) {
    return at(prefix, new BoundedGet(headers));
  }

  static RemoteLog at(URI prefix, BoundedGet http) {
    return new RemoteLog(prefix.toString().replaceAll("/+$", ""), http);
  }

  /** The latest checkpoint, to be {@linkplain SignedCheckpoint#open opened}. */
  public byte[] checkpoint() throws IOException {
    byte[] note = get("/checkpoint", MAX_CHECKPOINT);
    if (note == null) {
      throw new IOException(prefix + "/checkpoint: 404 (expected: a checkpoint)");
    }
    return note;
  }

  /** A partial tile may be gone once the full one is there; then the beginning of that is it. */
  @Override
  public byte @Nullable [] hashes(int level, long index, int width) {
    byte[] read = level == 0 ? ahead.remove(index) : null;
    if (read != null && read.length == width * Sha.SIZE) {
      return read;
    }
    try {
      return tile(level, index, width);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte @Nullable [] tile(int level, long index, int width) throws IOException {
    String path = "/tile/" + level + "/" + path(index);
    byte[] hashes = get(partial(path, width), WIDTH * Sha.SIZE);
    if (hashes != null || width == WIDTH) {
      return hashes;
    }
    byte[] whole = get(path, WIDTH * Sha.SIZE);
    return whole == null || whole.length < WIDTH * Sha.SIZE
        ? whole
        : Arrays.copyOf(whole, width * Sha.SIZE);
  }

  /** Feeds entries to a verifier until it has all of its checkpoint, finds a fault, or an entry is absent. Then finish it. */
  public void feed(LogVerifier verifier) throws IOException {
    feed(verifier, null);
  }

  /** The same, with payloads beside the entries. */
  public void feed(LogVerifier verifier, @Nullable PayloadSource payloads) throws IOException {
    try (ReadAhead<Bundle> bundles = new ReadAhead<>(
        READERS,
        verifier.next() / WIDTH,
        (verifier.size() + WIDTH - 1) / WIDTH,
        index -> bundle(index, verifier, payloads))) {
      while (verifier.next() < verifier.size()) {
        Bundle bundle = bundles.next();
        byte[] tile = bundle.tile();
        if (tile != null && ahead.size() < MAX_AHEAD) {
          ahead.put(bundle.index(), tile);
        }
        byte[] entries = bundle.bytes();
        if (entries == null || !feed(verifier, bundle, entries, payloads)) {
          return;
        }
      }
    } finally {
      ahead.clear();
    }
  }

  /** Entries of a tile, the stored tile of their leaves, and the first of their payloads, read together. */
  @SuppressWarnings("ArrayRecordComponent") // within this class
  private record Bundle(
      long index,
      int width,
      boolean whole,
      byte @Nullable [] bytes,
      byte @Nullable [] tile,
      List<PayloadSource.@Nullable Payload> payloads) {}

  private Bundle bundle(long index, LogVerifier verifier, @Nullable PayloadSource payloads)
      throws IOException {
    int width = (int) Math.min(WIDTH, verifier.size() - index * WIDTH);
    String path = "/tile/entries/" + path(index);
    byte[] bytes = get(partial(path, width), MAX_BUNDLE);
    boolean whole = bytes == null && width < WIDTH;
    if (whole) {
      bytes = get(path, MAX_BUNDLE);
    }
    byte[] tile = tile(0, index, width);
    return new Bundle(
        index,
        width,
        whole,
        bytes,
        tile,
        payloads == null || bytes == null ? List.of() : payloads.read(index * WIDTH, width));
  }

  /** Feeds what the verifier lacks of a bundle; {@code whole} is the full one in place of a partial one that is gone. */
  private static boolean feed(
      LogVerifier verifier, Bundle read, byte[] bundle, @Nullable PayloadSource payloads)
      throws IOException {
    long first = read.index() * WIDTH;
    long known = first; // index of the first of these
    List<PayloadSource.@Nullable Payload> page = read.payloads();
    int at = 0;
    for (int i = 0; i < read.width(); i++) {
      int length = at + 2 > bundle.length
          ? bundle.length
          : (bundle[at] & 0xff) << 8 | (bundle[at + 1] & 0xff);
      int end = at + 2 + length;
      if (end > bundle.length) {
        return false; // the log ends here
      }
      if (first + i == verifier.next()) {
        if (payloads != null && first + i >= known + page.size()) {
          known = first + i;
          page = payloads.read(known, read.width() - i);
        }
        PayloadSource.Payload payload =
            payloads == null ? null : page.get((int) (first + i - known));
        if (!verifier.add(
            Arrays.copyOfRange(bundle, at + 2, end),
            payload == null ? null : payload.salt(),
            payload == null ? null : payload.record())) {
          return false; // or is wrong
        }
      }
      at = end;
    }
    if (at < bundle.length && !read.whole()) {
      String detail =
          "the bundle has " + (bundle.length - at) + " bytes after its last entry (expected: none)";
      throw new FaultException(new Fault(Reason.ENTRY, first, first + read.width(), detail));
    }
    return true;
  }

  private byte @Nullable [] get(String path, int most) throws IOException {
    return http.get(URI.create(prefix + path), most);
  }

  private static String partial(String path, int width) {
    return width == WIDTH ? path : path + ".p/" + width;
  }

  /** {@code x001/x234/067} for 1234067. */
  private static String path(long index) {
    String last = String.format("%03d", index % 1000);
    return index < 1000 ? last : groups(index / 1000) + last;
  }

  private static String groups(long index) {
    return (index < 1000 ? "" : groups(index / 1000)) + String.format("x%03d/", index % 1000);
  }
}
