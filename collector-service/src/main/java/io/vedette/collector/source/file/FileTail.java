package io.vedette.collector.source.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Follows one text file by its path: lines as they are completed, through rotation by rename (the old file is read to its end first) and by copying and truncating. Blocking, not thread safe. Holds the
 * file open, and at most one piece of it.
 */
final class FileTail implements AutoCloseable {

  /** Largest piece read at once: with 1,000 lines of up to 64 KiB it is this that bounds memory. */
  static final int PIECE_BYTES = 256 * 1024;

  static final int PIECE_LINES = 1_000;

  /** A last line without an end is taken as it is, as a part, when it stood so long: so many times the wait for a rotated file. */
  private static final int UNFINISHED_TIMES = 4;

  private static final int BINARY_PROBE_BYTES = 1024;
  private static final int MAX_SIBLINGS = 1_000;

  /**
   * A line without its end.
   *
   * @param part 0 for a whole line, else the number of this part of a longer one
   */
  record Line(byte[] bytes, int from, int to, boolean history, int part) {}

  /** What was read, where the cursor in the database stands (null: it has none), and where it shall stand after it. {@code loss} says what cannot be read any more, null when nothing is missing. */
  record Read(
      List<Line> lines,
      @Nullable FileCursor from,
      FileCursor to,
      long bytes,
      @Nullable String loss) {}

  private final Path path;
  private final int maxLineBytes;
  private final int rotatePolls;

  private @Nullable FileCursor committed; // as the database has it
  private @Nullable FileCursor cursor; // where to read next: further on where a file was replaced
  private @Nullable FileChannel channel;
  private @Nullable String loss;
  private boolean binary;
  private int pollsAtEndOfRotated;
  private int pollsUnfinished; // the file ends within a line and did not grow
  private long unfinishedSize;

  /** @param rotatePolls how often a rotated file must be found at its end before its successor is read: its writer may still have it open */
  FileTail(Path path, int maxLineBytes, int rotatePolls) {
    this.path = path;
    this.maxLineBytes = maxLineBytes;
    this.rotatePolls = rotatePolls;
  }

  Path path() {
    return path;
  }

  boolean isBinary() {
    return binary;
  }

  /** Begins a file not seen before, at most so many bytes before its end; what lies before is history that stays unread. */
  void begin(long historyBytes, boolean history) throws IOException {
    FileChannel opened = FileChannel.open(path, StandardOpenOption.READ);
    channel = opened;
    FileIdentity identity = FileIdentity.of(path);
    long size = opened.size();
    long start = Math.max(0, size - historyBytes);
    FileCursor fresh = new FileCursor(
        identity.device(),
        identity.inode(),
        0,
        FileIdentity.fingerprint(opened, 0),
        0,
        0,
        history ? size : 0);
    if (start > 0) {
      start = lineAfter(opened, start, size);
      loss = "older than the newest " + historyBytes + " bytes when " + path
          + " was first seen: its first " + start + " bytes";
    }
    cursor = fingerprinted(opened, fresh.at(start, 0));
    binary = isBinary(opened);
  }

  /** Goes on where a cursor stands, in the same file wherever it was renamed to, or in its successor. */
  void resume(FileCursor from) throws IOException {
    close();
    binary = false;
    committed = from;
    cursor = from;
    Path found = from(path, from);
    if (found == null) {
      found = sibling(from);
    }
    if (found == null) {
      if (!Files.exists(path)) {
        return;
      }
      loss = path + " was replaced while it was not watched, and the rest of it could not be found";
      replace(true);
      return;
    }
    channel = FileChannel.open(found, StandardOpenOption.READ);
    binary = isBinary(channel);
  }

  /** The next lines, null when none is complete. Ask again from the new cursor only after {@link #advance}. */
  @Nullable
  Read read() throws IOException {
    FileChannel open = channel;
    FileCursor at = cursor;
    if (open == null || at == null) {
      return reopen();
    }
    if (binary) {
      return null;
    }
    long size = open.size();
    if (size < at.offset() || (size > at.offset() && !fingerprintHolds(open, at))) {
      loss = size < at.offset()
          ? null
          : path + " was truncated and written again while it was not watched";
      FileCursor start =
          new FileCursor(at.device(), at.inode(), 0, FileIdentity.fingerprint(open, 0), 0, 0, 0);
      return moved(fingerprinted(open, start));
    }
    if (at.offset() == 0 && size > 0 && isBinary(open)) {
      binary = true;
      return null;
    }
    boolean rotated = rotated(at);
    if (size > at.offset()) {
      pollsUnfinished = size == unfinishedSize ? pollsUnfinished + 1 : 0;
      unfinishedSize = size;
      boolean ended = rotated && pollsAtEndOfRotated >= rotatePolls;
      Read read = lines(open, at, size, ended, pollsUnfinished >= UNFINISHED_TIMES * rotatePolls);
      if (read != null) {
        pollsAtEndOfRotated = 0;
        pollsUnfinished = 0;
        return read;
      }
    }
    if (loss != null) {
      return moved(at);
    }
    if (rotated && pollsAtEndOfRotated++ >= rotatePolls) {
      pollsAtEndOfRotated = 0;
      open.close();
      channel = null;
      replace(false);
      FileCursor next = cursor;
      return next == null || next.equals(at) ? null : moved(next);
    }
    return null;
  }

  /** The read is in the trail. */
  void advance(Read read) {
    committed = read.to();
    cursor = read.to();
    loss = null;
  }

  @Override
  public void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
  }

  private Read moved(FileCursor to) {
    cursor = to;
    return new Read(List.of(), committed, to, 0, loss);
  }

  /** The file was not there: perhaps it is now. */
  private @Nullable Read reopen() throws IOException {
    FileCursor before = cursor;
    if (!Files.isRegularFile(path)) {
      return null;
    }
    if (before == null) {
      begin(Long.MAX_VALUE, false);
      return null;
    }
    FileCursor inDatabase = committed;
    resume(before);
    committed = inDatabase;
    FileCursor after = cursor;
    return after == null || after.equals(before) ? null : moved(after);
  }

  /** Begins the file that is now under the path, from its first byte. */
  private void replace(boolean keepLoss) throws IOException {
    if (!keepLoss) {
      loss = null;
    }
    try {
      FileChannel opened = FileChannel.open(path, StandardOpenOption.READ);
      channel = opened;
      FileIdentity identity = FileIdentity.of(path);
      cursor = fingerprinted(
          opened,
          new FileCursor(
              identity.device(),
              identity.inode(),
              0,
              FileIdentity.fingerprint(opened, 0),
              0,
              0,
              0));
      binary = isBinary(opened);
    } catch (NoSuchFileException goneAgain) {
      channel = null;
    }
  }

  private boolean rotated(FileCursor at) throws IOException {
    try {
      return !FileIdentity.of(path).is(at);
    } catch (NoSuchFileException gone) {
      return false; // its successor will come
    }
  }

  private @Nullable Read lines(
      FileChannel open, FileCursor at, long size, boolean last, boolean stale) throws IOException {
    int want = (int) Math.min(Math.max(PIECE_BYTES, maxLineBytes + 2), size - at.offset());
    ByteBuffer buffer = ByteBuffer.allocate(want);
    int got = 0;
    while (got >= 0 && buffer.hasRemaining()) {
      got = open.read(buffer, at.offset() + buffer.position());
    }
    byte[] bytes = buffer.array();
    int count = buffer.position();
    List<Line> lines = new ArrayList<>();
    int start = 0;
    int part = at.part();
    while (start < count && lines.size() < PIECE_LINES) {
      int limit = Math.min(count, start + maxLineBytes + 2);
      int end = start;
      while (end < limit && bytes[end] != '\n') {
        end++;
      }
      boolean history = at.offset() + start < at.historyEnd();
      if (end < limit) {
        int text = end > start && bytes[end - 1] == '\r' ? end - 1 : end;
        if (text > start || part == 0) {
          lines.add(new Line(bytes, start, text, history, part == 0 ? 0 : part + 1));
        }
        start = end + 1;
        part = 0;
      } else if (end - start > maxLineBytes) {
        int cut = start + maxLineBytes;
        while (cut > start + 1 && (bytes[cut] & 0xC0) == 0x80) {
          cut--; // not within a character
        }
        lines.add(new Line(bytes, start, cut, history, ++part));
        start = cut;
      } else if (last && at.offset() + end == size) {
        lines.add(new Line(bytes, start, end, history, part == 0 ? 0 : part + 1));
        start = end;
        part = 0;
      } else if (stale && at.offset() + end == size) {
        lines.add(new Line(bytes, start, end, history, ++part));
        start = end;
      } else {
        break;
      }
    }
    if (start == 0) {
      return null;
    }
    FileCursor to = fingerprinted(open, at.at(at.offset() + start, part));
    return new Read(lines, committed, to, start, loss);
  }

  private static boolean fingerprintHolds(FileChannel open, FileCursor at) throws IOException {
    return FileIdentity.fingerprint(open, at.fingerprintBytes()).equals(at.fingerprint());
  }

  /** Over more bytes once the file has them. */
  private static FileCursor fingerprinted(FileChannel open, FileCursor at) throws IOException {
    if (at.fingerprintBytes() == FileIdentity.FINGERPRINT_BYTES) {
      return at;
    }
    int bytes = (int) Math.min(FileIdentity.FINGERPRINT_BYTES, open.size());
    return at.fingerprinted(bytes, FileIdentity.fingerprint(open, bytes));
  }

  private static boolean isBinary(FileChannel open) throws IOException {
    for (byte one : FileIdentity.beginning(open, BINARY_PROBE_BYTES)) {
      if (one == 0) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable Path from(Path candidate, FileCursor cursor) throws IOException {
    try {
      if (!FileIdentity.of(candidate).is(cursor)) {
        return null;
      }
      try (FileChannel open = FileChannel.open(candidate, StandardOpenOption.READ)) {
        return open.size() >= cursor.offset() && fingerprintHolds(open, cursor) ? candidate : null;
      }
    } catch (NoSuchFileException gone) {
      return null;
    }
  }

  private @Nullable Path sibling(FileCursor cursor) throws IOException {
    Path folder = path.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return null;
    }
    int seen = 0;
    try (DirectoryStream<Path> siblings = Files.newDirectoryStream(folder)) {
      for (Path sibling : siblings) {
        if (++seen > MAX_SIBLINGS) {
          return null;
        }
        if (Files.isRegularFile(sibling) && Files.isReadable(sibling)) {
          Path found = from(sibling, cursor);
          if (found != null) {
            return found;
          }
        }
      }
    } catch (DirectoryIteratorException broken) {
      throw broken.getCause();
    }
    return null;
  }

  /** Offset after the first line feed from {@code start} on; {@code start} when there is none within a piece. */
  private static long lineAfter(FileChannel open, long start, long size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, size - start));
    int count = open.read(buffer, start);
    for (int i = 0; i < count; i++) {
      if (buffer.get(i) == '\n') {
        return start + i + 1;
      }
    }
    return start;
  }
}
