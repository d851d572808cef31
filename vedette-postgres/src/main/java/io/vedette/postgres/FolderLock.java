package io.vedette.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One process per folder. The lock is the operating system's and goes with the process, however it ends; beside it lie
 * {@code instance.lock}, the holder's pid, and {@code instance.json}, whatever the holder wants the next one to know (mode
 * 0600: URLs carry tokens).
 */
public final class FolderLock implements AutoCloseable {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private static final int ATTEMPTS = 4;
  private static final long BETWEEN_ATTEMPTS_MS = 10;

  /**
   * Lock files this process holds. Such a file must not be opened again here: a POSIX lock goes as soon as its process
   * closes any descriptor of the file.
   */
  private static final Set<Path> HELD = new HashSet<>();

  /** What came of an attempt. */
  public sealed interface Attempt {
    /** The folder is ours until the lock is closed or this process ends. */
    record Locked(FolderLock lock) implements Attempt {}

    /** Somebody else has it. */
    record Held(Holder holder) implements Attempt {}
  }

  /**
   * Who has a folder.
   *
   * @param pid 0 in the instant between taking the lock and saying so
   * @param content what it published; empty while it starts
   */
  public record Holder(long pid, Optional<String> content) {}

  private final FileChannel channel;
  private final Path lockFile;
  private final Path contentFile;

  private FolderLock(FileChannel channel, Path lockFile, Path contentFile) {
    this.channel = channel;
    this.lockFile = lockFile;
    this.contentFile = contentFile;
  }

  /** Takes a folder that exists, or tells who has it; waits no longer than a look at the lock takes. */
  public static Attempt tryLock(Path folder) throws IOException {
    return tryLock(folder, "instance");
  }

  static Attempt tryLock(Path folder, String name) throws IOException {
    Path lockFile = folder.toRealPath().resolve(name + ".lock");
    Path contentFile = lockFile.resolveSibling(name + ".json");
    synchronized (HELD) {
      if (HELD.contains(lockFile)) {
        return new Attempt.Held(new Holder(ProcessHandle.current().pid(), content(contentFile)));
      }
      FileChannel channel = FileChannel.open(
          lockFile,
          Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE),
          PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      boolean ours = false;
      try {
        ours = lock(channel);
        if (!ours) {
          return new Attempt.Held(new Holder(pid(lockFile), content(contentFile)));
        }
        Files.deleteIfExists(contentFile); // of a holder that was killed
        channel.truncate(0);
        channel.write(
            ByteBuffer.wrap(
                (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)),
            0);
        HELD.add(lockFile);
        return new Attempt.Locked(new FolderLock(channel, lockFile, contentFile));
      } finally {
        if (!ours) {
          channel.close();
        }
      }
    }
  }

  /** {@link #holder} has the lock for an instant as well, so one refusal does not mean that the folder is taken. */
  private static boolean lock(FileChannel channel) throws IOException {
    for (int attempt = 1; channel.tryLock() == null; attempt++) {
      if (attempt == ATTEMPTS) {
        return false;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(BETWEEN_ATTEMPTS_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  /** Who has a folder now; empty if nobody has, also when files of one that was killed still lie there. */
  public static Optional<Holder> holder(Path folder) throws IOException {
    Path lockFile = folder.resolve("instance.lock");
    if (!Files.exists(lockFile)) {
      return Optional.empty();
    }
    Path real = lockFile.toRealPath();
    synchronized (HELD) {
      if (HELD.contains(real)) {
        return Optional.of(new Holder(
            ProcessHandle.current().pid(), content(real.resolveSibling("instance.json"))));
      }
      try (FileChannel channel = FileChannel.open(real, StandardOpenOption.READ)) {
        // A shared lock, so that several may ask at once.
        if (channel.tryLock(0, Long.MAX_VALUE, true) != null) {
          return Optional.empty();
        }
      }
      return Optional.of(new Holder(pid(real), content(real.resolveSibling("instance.json"))));
    }
  }

  /** Leaves something for whoever comes while we hold the folder, replacing what was there. */
  public void publish(String content) throws IOException {
    Path unfinished = contentFile.resolveSibling(contentFile.getFileName() + ".new");
    Files.deleteIfExists(unfinished);
    Files.createFile(unfinished, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    Files.writeString(unfinished, content);
    Files.move(
        unfinished,
        contentFile,
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Gives the folder back. The lock file stays: removing it would let two processes lock two files of that name. */
  @Override
  public void close() throws IOException {
    synchronized (HELD) {
      if (channel.isOpen()) {
        Files.deleteIfExists(contentFile);
        channel.truncate(0);
        channel.close();
        HELD.remove(lockFile);
      }
    }
  }

  private static long pid(Path lockFile) throws IOException {
    String pid = Files.readString(lockFile, StandardCharsets.US_ASCII).strip();
    return pid.matches("\\d{1,18}") ? Long.parseLong(pid) : 0;
  }

  private static Optional<String> content(Path contentFile) throws IOException {
    try {
      return Optional.of(Files.readString(contentFile));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
