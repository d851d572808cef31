package io.vedette.collector.integrate.verify;

import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.SignedCheckpoint;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Notes whose signatures were verified by an earlier pass, by the SHA-256 of their bytes: a signature costs some 0.7 ms, and a week's checkpoints are 10,000. What the pass before did not meet is forgotten, and all
 * of it with a change of the keys. One thread. Bounded: what does not fit is verified in each pass, as it was.
 */
public final class OpenedNotes {
  /** A week by the minute and an hour by the half second, with room to spare; some 300 bytes each. */
  private static final int MAX = 32_768;

  private final int max;
  private final MessageDigest sha = sha256();
  private Map<ByteBuffer, SignedCheckpoint> before = Map.of();
  private Map<ByteBuffer, SignedCheckpoint> now = new HashMap<>();
  private List<?> keys = List.of();
  private long verified;

  public OpenedNotes() {
    this(MAX);
  }

  OpenedNotes(int max) {
    this.max = max;
  }

  /** @param trustedNow whatever decides which signatures count; where it differs from that of the pass before, nothing is known any more */
  void beginPass(List<?> trustedNow) {
    before = trustedNow.equals(keys) ? now : Map.of();
    now = new HashMap<>();
    keys = List.copyOf(trustedNow);
  }

  /** As {@link SignedCheckpoint#open}, once for the same bytes. */
  SignedCheckpoint open(byte[] note, String origin, List<LogKey> known) {
    ByteBuffer name = ByteBuffer.wrap(sha.digest(note));
    SignedCheckpoint opened = before.get(name);
    if (opened == null) {
      opened = SignedCheckpoint.open(note, origin, known);
      verified++;
    }
    if (now.size() < max) {
      now.put(name, opened);
    }
    return opened;
  }

  /** Notes verified in all passes. */
  public long verified() {
    return verified;
  }

  /** Notes remembered for the next pass. */
  int size() {
    return now.size();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
    }
  }
}
