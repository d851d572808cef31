package io.vedette.collector.source.file;

import org.jspecify.annotations.Nullable;

/**
 * How far a file was read, and which file that was. As text, for the cursor in the database:
 *
 * <pre>1 device inode fingerprintBytes fingerprint offset part historyEnd</pre>
 *
 * @param fingerprintBytes so many bytes from the beginning of the file make the fingerprint
 * @param fingerprint SHA-256 of these, the first 16 hex digits
 * @param offset of the next byte to read
 * @param part parts of the current line that were read already: it is longer than the limit
 * @param historyEnd lines that begin before it were there when the source was first seen
 */
record FileCursor(
    long device,
    long inode,
    int fingerprintBytes,
    String fingerprint,
    long offset,
    int part,
    long historyEnd) {

  private static final String VERSION = "1";

  String text() {
    return String.join(
        " ",
        VERSION,
        Long.toString(device),
        Long.toString(inode),
        Integer.toString(fingerprintBytes),
        fingerprint,
        Long.toString(offset),
        Integer.toString(part),
        Long.toString(historyEnd));
  }

  /** Null when it is no such text. */
  static @Nullable FileCursor parse(String text) {
    String[] fields = text.split(" ", -1);
    if (fields.length != 8 || !fields[0].equals(VERSION)) {
      return null;
    }
    try {
      return new FileCursor(
          Long.parseLong(fields[1]),
          Long.parseLong(fields[2]),
          Integer.parseInt(fields[3]),
          fields[4],
          Long.parseLong(fields[5]),
          Integer.parseInt(fields[6]),
          Long.parseLong(fields[7]));
    } catch (NumberFormatException none) {
      return null;
    }
  }

  FileCursor at(long newOffset, int newPart) {
    return new FileCursor(
        device, inode, fingerprintBytes, fingerprint, newOffset, newPart, historyEnd);
  }

  FileCursor fingerprinted(int bytes, String hash) {
    return new FileCursor(device, inode, bytes, hash, offset, part, historyEnd);
  }
}
