package io.vedette.trail;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The definitions of RFC 6962, section 2.1, written down as they are; knows nothing of tiles. */
public final class NaiveTree {
  private final List<byte[]> leaves = new ArrayList<>();
  private final Map<Long, byte[]> known = new HashMap<>();

  /** A tree over the entries "0", "1", ... */
  public static NaiveTree ofSize(int size) {
    NaiveTree tree = new NaiveTree();
    for (int i = 0; i < size; i++) {
      tree.add(entry(i));
    }
    return tree;
  }

  public static byte[] entry(int index) {
    return Integer.toString(index).getBytes(StandardCharsets.US_ASCII);
  }

  public void add(byte[] entry) {
    leaves.add(sha256(new byte[] {0}, entry));
  }

  public Hash leaf(int index) {
    return Hash.of(leaves.get(index));
  }

  public byte[] leafHashes(int start, int end) {
    byte[] hashes = new byte[(end - start) * 32];
    for (int i = start; i < end; i++) {
      System.arraycopy(leaves.get(i), 0, hashes, (i - start) * 32, 32);
    }
    return hashes;
  }

  public Hash root(int size) {
    return hash(0, size);
  }

  public Hash hash(int start, int end) {
    return Hash.of(mth(start, end));
  }

  public List<Hash> path(int index, int start, int end) {
    if (end - start == 1) {
      return new ArrayList<>();
    }
    int k = Integer.highestOneBit(end - start - 1);
    boolean left = index < start + k;
    List<Hash> path = left ? path(index, start, start + k) : path(index, start + k, end);
    path.add(left ? hash(start + k, end) : hash(start, start + k));
    return path;
  }

  public List<Hash> consistency(int oldSize, int newSize) {
    return oldSize == 0 ? List.of() : subproof(oldSize, 0, newSize, true);
  }

  private List<Hash> subproof(int oldEnd, int start, int end, boolean whole) {
    if (oldEnd == end) {
      return new ArrayList<>(whole ? List.of() : List.of(hash(start, end)));
    }
    int k = Integer.highestOneBit(end - start - 1);
    boolean left = oldEnd <= start + k;
    List<Hash> path =
        left ? subproof(oldEnd, start, start + k, whole) : subproof(oldEnd, start + k, end, false);
    path.add(left ? hash(start + k, end) : hash(start, start + k));
    return path;
  }

  private byte[] mth(int start, int end) {
    if (start == end) {
      return sha256();
    }
    if (end - start == 1) {
      return leaves.get(start);
    }
    byte[] before = known.get((long) start << 32 | end);
    if (before != null) {
      return before;
    }
    int k = Integer.highestOneBit(end - start - 1);
    byte[] hash = sha256(new byte[] {1}, mth(start, start + k), mth(start + k, end));
    known.put((long) start << 32 | end, hash);
    return hash;
  }

  private static byte[] sha256(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
