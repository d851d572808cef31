package io.vedette.benchmarks.edge;

import java.nio.charset.StandardCharsets;

/** What the sockets of a crowd received: every publication is counted, its number checked against the socket's last, and its age measured. Not thread safe. */
final class Tally {
  /** One socket's place in the stream. */
  static final class Cursor {
    long last = -1;
  }

  /** What is known of a publication by the number that follows its marker. */
  interface Known {
    /** Its place among all publications. */
    long sequence(long marked);

    /** Since when its age counts, by {@link System#nanoTime()}; 0 while that moment has not come. */
    long sinceNs(long sequence);
  }

  private final Known known;
  private final byte[] marker;
  private final boolean several;
  private final boolean gapless;
  private final Histogram ages = new Histogram();
  private long fromNs = Long.MAX_VALUE;
  private long deliveries;
  private long accountedFor;
  private long missed;
  private long repeated;
  private long wireBytes;
  private long messages;

  /**
   * @param several whether a message may carry several publications
   * @param gapless whether every socket gets every publication
   */
  Tally(Topic topic, Known known, boolean several, boolean gapless) {
    this.known = known;
    this.marker = topic.marker.getBytes(StandardCharsets.US_ASCII);
    this.several = several;
    this.gapless = gapless;
  }

  /** Measuring begins: what was counted before is forgotten, but not where each socket stands. */
  void begin(long nowNs) {
    fromNs = nowNs;
    ages.clear();
    deliveries = 0;
    missed = 0;
    repeated = 0;
    wireBytes = 0;
    messages = 0;
  }

  void end() {
    fromNs = Long.MAX_VALUE;
  }

  void wire(int bytes) {
    wireBytes += bytes;
  }

  /** A message whose content is not looked at: the peer sends one publication in each. */
  void unread() {
    messages++;
    deliveries++;
    accountedFor++;
  }

  /** The publications of one message. */
  void message(byte[] text, int from, int to, Cursor cursor, boolean healthy, long nowNs) {
    messages++;
    int at = from;
    while (true) {
      at = find(text, at, to);
      if (at < 0) {
        return;
      }
      long number = 0;
      while (at < to && (text[at] < '0' || text[at] > '9')) {
        at++;
      }
      while (at < to && text[at] >= '0' && text[at] <= '9') {
        number = number * 10 + text[at++] - '0';
      }
      received(known.sequence(number), cursor, healthy, nowNs);
      if (!several) {
        return;
      }
    }
  }

  private void received(long sequence, Cursor cursor, boolean healthy, long nowNs) {
    deliveries++;
    accountedFor++;
    if (cursor.last >= 0) {
      if (gapless && sequence > cursor.last + 1) {
        missed += sequence - cursor.last - 1;
        accountedFor += sequence - cursor.last - 1;
      } else if (sequence <= cursor.last) {
        repeated++;
      }
    }
    cursor.last = Math.max(cursor.last, sequence);
    long sinceNs = known.sinceNs(sequence);
    if (healthy && sinceNs == 0 && fromNs != Long.MAX_VALUE) {
      ages.add(0);
    } else if (healthy && sinceNs >= fromNs) {
      ages.add((nowNs - sinceNs) / 1_000);
    }
  }

  private int find(byte[] text, int from, int to) {
    byte first = marker[1];
    outer:
    for (int i = from; i + marker.length <= to; i++) {
      if (text[i] != first) {
        continue;
      }
      // The quote before it may be escaped; the name is what counts.
      for (int j = 2; j < marker.length; j++) {
        if (text[i + j - 1] != marker[j]) {
          continue outer;
        }
      }
      int end = i + marker.length - 1;
      if (text[end] == '"' || text[end] == '\\') {
        return end;
      }
    }
    return -1;
  }

  Histogram ages() {
    return ages;
  }

  long deliveries() {
    return deliveries;
  }

  /** Delivered, or seen to be missing, since the crowd connected, measured or not. */
  long accountedFor() {
    return accountedFor;
  }

  long missed() {
    return missed;
  }

  long repeated() {
    return repeated;
  }

  long wireBytes() {
    return wireBytes;
  }

  long messages() {
    return messages;
  }
}
