package io.vedette.edge.resume;

/**
 * Keeps an ordered topic whole over a bus that may lose, repeat or reorder: says of each announced offset whether it is the next one. Knows the newest offset anybody mentioned, so a hole, and a lost last
 * message, show. Not thread safe.
 */
public final class Gaps {

  /** What to do with an offer. */
  public enum Verdict {
    /** It is the next one: deliver it. */
    NEXT,
    /** Delivered before. */
    OLD,
    /** Something before it is missing: read the store from {@link Gaps#next()} on. */
    MISSING
  }

  private long next;
  private long known;

  /** @param head the newest offset already delivered */
  public Gaps(long head) {
    this.next = head + 1;
    this.known = head;
  }

  public Verdict offer(long offset) {
    known = Math.max(known, offset);
    if (offset < next) {
      return Verdict.OLD;
    }
    if (offset > next) {
      return Verdict.MISSING;
    }
    next++;
    return Verdict.NEXT;
  }

  /** A head somebody announced; true when the store has something that was not delivered. */
  public boolean head(long offset) {
    known = Math.max(known, offset);
    return behind();
  }

  public boolean behind() {
    return next <= known;
  }

  /** The offset to read the store from. */
  public long next() {
    return next;
  }

  /** The store does not have what lies before {@code offset} any more. */
  public void skipTo(long offset) {
    next = Math.max(next, offset);
    known = Math.max(known, offset - 1);
  }
}
