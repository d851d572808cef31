package io.vedette.collector.source.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Which file a path names now. */
record FileIdentity(long device, long inode) {

  /** Bytes from a file's beginning that tell it from another one in the same inode. */
  static final int FINGERPRINT_BYTES = 256;

  static FileIdentity of(Path path) throws IOException {
    return new FileIdentity(number(path, "unix:dev"), number(path, "unix:ino"));
  }

  private static long number(Path path, String attribute) throws IOException {
    return Files.getAttribute(path, attribute) instanceof Number number ? number.longValue() : 0;
  }

  boolean is(FileCursor cursor) {
    return device == cursor.device() && inode == cursor.inode();
  }

  /** Of the first {@code bytes} bytes; of fewer where the file is shorter (then it is another fingerprint). */
  static String fingerprint(FileChannel channel, int bytes) throws IOException {
    byte[] beginning = beginning(channel, bytes);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(beginning), 0, 8);
    } catch (NoSuchAlgorithmException everyJavaHasIt) {
      throw new IllegalStateException(everyJavaHasIt);
    }
  }

  static byte[] beginning(FileChannel channel, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, buffer.position()) < 0) {
        break;
      }
    }
    return java.util.Arrays.copyOf(buffer.array(), buffer.position());
  }
}
