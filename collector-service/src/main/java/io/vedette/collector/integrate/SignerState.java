package io.vedette.collector.integrate;

import io.vedette.trail.Checkpoint;
import io.vedette.trail.Note;
import io.vedette.trail.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The last checkpoint this signer signed, outside the database, in one file or in two places. A file is replaced in one step and is on the disk before {@link #write} returns. It holds the
 * signed checkpoint verbatim, so it is also one to verify with.
 */
public final class SignerState {
  private final Function<String, List<Path>> files;

  /** Without files it remembers for as long as it lives. */
  private @Nullable Note remembered;

  /** @param files the places for the trail of an origin */
  public SignerState(Function<String, List<Path>> files) {
    this.files = files;
  }

  /** The greatest of the copies; they must tell one history. */
  public Optional<Note> read(String origin) {
    List<Note> found = histories(origin);
    if (found.size() > 1) {
      throw another(found.get(0), found.get(1), files.apply(origin).toString());
    }
    return found.stream().findFirst();
  }

  /** What is remembered of every origin, the greatest of its copies. More than one where the trail was reopened since, or while that is being written down. */
  public List<Note> histories(String origin) {
    Map<String, Note> greatest = new LinkedHashMap<>();
    Note own = remembered;
    if (own != null) {
      greatest.put(origin(own), own);
    }
    for (Path file : files.apply(origin)) {
      Note note = read(file);
      if (note == null) {
        continue;
      }
      Note last = greatest.get(origin(note));
      if (last != null) {
        requireAlike(last, note, file);
      }
      greatest.put(origin(note), last == null || size(note) > size(last) ? note : last);
    }
    return List.copyOf(greatest.values());
  }

  /** Writes every copy; returns when all are on the disk. What they say of another origin is put aside: the trail was reopened, and it stays proof of what was there. */
  public void write(Note note) {
    for (Path file : files.apply(origin(note))) {
      try {
        putAside(file, origin(note));
        write(file, note.toBytes());
      } catch (IOException e) {
        throw new NotSigningException(
            NotSigningException.Reason.STATE,
            file + " cannot be written: " + e
                + " (expected: a place for the last checkpoint signed)");
      }
    }
    remembered = note;
  }

  /** Puts the copies aside: what follows is another history, declared by an operator. */
  public void retire(String origin, String suffix) throws IOException {
    remembered = null;
    for (Path file : files.apply(origin)) {
      if (Files.exists(file)) {
        Files.move(
            file,
            file.resolveSibling(file.getFileName() + "." + suffix),
            StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  private static void putAside(Path file, String origin) throws IOException {
    Note before = read(file);
    if (before != null && !origin(before).equals(origin)) {
      String name = origin(before).replaceAll("[^A-Za-z0-9.-]+", "_");
      write(file.resolveSibling(file.getFileName() + "." + name), before.toBytes());
    }
  }

  private static void requireAlike(Note one, Note other, Path file) {
    Checkpoint first = Checkpoint.parse(one.text());
    Checkpoint second = Checkpoint.parse(other.text());
    if (first.size() == second.size() && !first.root().equals(second.root())) {
      throw another(one, other, file.toString());
    }
  }

  private static NotSigningException another(Note one, Note other, String where) {
    return new NotSigningException(
        NotSigningException.Reason.STATE,
        where + ": " + origin(other) + " of size " + size(other)
            + ", another history than its other copy, " + origin(one) + " of size " + size(one));
  }

  private static @Nullable Note read(Path file) {
    try {
      Note note = Note.parse(Files.readAllBytes(file));
      Checkpoint.parse(note.text());
      return note;
    } catch (NoSuchFileException none) {
      return null;
    } catch (IOException | RefusedException e) {
      throw new NotSigningException(
          NotSigningException.Reason.STATE,
          file + " cannot be read: " + e.getMessage()
              + " (expected: the last checkpoint signed here)");
    }
  }

  private static String origin(Note note) {
    return Checkpoint.parse(note.text()).origin();
  }

  private static long size(Note note) {
    return Checkpoint.parse(note.text()).size();
  }

  private static void write(Path file, byte[] content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException("a file was expected, not " + file);
    }
    Files.createDirectories(folder);
    Path fresh = Files.createTempFile(
        folder,
        ".checkpoint",
        ".tmp",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
        entries.force(true); // the rename itself
      }
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
