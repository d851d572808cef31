package io.vedette.alert.lifecycle;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;

/** What makes two alerts the same: FNV-1a over the sorted labels, written as 16 hex digits. Equal to Prometheus' fingerprint of the same labels, so links between the two agree. */
public final class Fingerprint {
  private static final long OFFSET = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;
  private static final byte[] SEPARATOR = {(byte) 0xff};

  private Fingerprint() {}

  public static String of(SortedMap<String, String> labels) {
    long hash = OFFSET;
    for (Map.Entry<String, String> label : labels.entrySet()) {
      hash = add(hash, label.getKey().getBytes(StandardCharsets.UTF_8));
      hash = add(hash, SEPARATOR);
      hash = add(hash, label.getValue().getBytes(StandardCharsets.UTF_8));
      hash = add(hash, SEPARATOR);
    }
    return String.format("%016x", hash);
  }

  private static long add(long hash, byte[] bytes) {
    long sum = hash;
    for (byte b : bytes) {
      sum = (sum ^ (b & 0xff)) * PRIME;
    }
    return sum;
  }
}
