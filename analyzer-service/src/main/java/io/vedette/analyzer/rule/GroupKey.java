package io.vedette.analyzer.rule;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The key of a group, its canonical text (what keys are ordered by) and the partition it belongs to. */
public record GroupKey(SortedMap<String, String> labels, String text, int partition)
    implements Comparable<GroupKey> {
  public static final int PARTITIONS = 64;

  public static GroupKey of(String rule, SortedMap<String, String> labels) {
    String text = text(labels);
    return new GroupKey(
        Collections.unmodifiableSortedMap(new TreeMap<>(labels)), text, partition(rule, text));
  }

  /** Names and values with their lengths, so that no two keys are written alike. */
  static String text(SortedMap<String, String> labels) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, String> label : labels.entrySet()) {
      text.append(label.getKey()).append('=');
      text.append(label.getValue().length())
          .append(':')
          .append(label.getValue())
          .append(',');
    }
    return text.toString();
  }

  /** For ever: moving a key to another partition would lose its state. FNV-1a 64 of rule, NUL and key, finished as MurmurHash3 does, modulo 64. */
  static int partition(String rule, String text) {
    long hash = 0xcbf29ce484222325L;
    hash = fnv(hash, rule.getBytes(StandardCharsets.UTF_8));
    hash = (hash ^ 0) * 0x100000001b3L;
    hash = fnv(hash, text.getBytes(StandardCharsets.UTF_8));
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
    hash ^= hash >>> 33;
    return (int) (hash & (PARTITIONS - 1));
  }

  private static long fnv(long start, byte[] bytes) {
    long hash = start;
    for (byte b : bytes) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  @Override
  public int compareTo(GroupKey other) {
    return text.compareTo(other.text);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GroupKey key && key.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }
}
