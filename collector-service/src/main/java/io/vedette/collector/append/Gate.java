package io.vedette.collector.append;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Bounds what waits for the trail, in records and bytes, and closes when nothing may come. Thread safe: sources ask it on their own threads, before they hand an offer over. */
public final class Gate {

  private final long maxRecords;
  private final long maxBytes;
  private final AtomicLong records = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private volatile boolean stopping;
  private volatile boolean storageLow;
  private volatile boolean databaseAway;

  public Gate(long maxRecords, long maxBytes) {
    this.maxRecords = maxRecords;
    this.maxBytes = maxBytes;
  }

  /** Takes the offer's room, or says why not. An offer is always taken when nothing waits, however large. */
  public Admission enter(Offer offer) {
    Admission.Pushback closed = closed();
    if (closed != null) {
      return closed;
    }
    int count = weight(offer);
    long recordsAfter = records.addAndGet(count);
    long bytesAfter = bytes.addAndGet(offer.bytes());
    if ((recordsAfter > maxRecords && recordsAfter > count)
        || (bytesAfter > maxBytes && bytesAfter > offer.bytes())) {
      leave(offer);
      return new Admission.Pushback(Admission.Reason.QUEUE_FULL, 1);
    }
    return new Admission.Admitted();
  }

  /** Gives the room back once the offer is settled. */
  public void leave(Offer offer) {
    records.addAndGet(-weight(offer));
    bytes.addAndGet(-offer.bytes());
  }

  /** Why nobody is let in, null when some are. */
  public Admission.@Nullable Pushback closed() {
    if (stopping) {
      return new Admission.Pushback(Admission.Reason.STOPPING, 5);
    }
    if (storageLow) {
      return new Admission.Pushback(Admission.Reason.STORAGE_LOW, 30);
    }
    return databaseAway ? new Admission.Pushback(Admission.Reason.DATABASE_AWAY, 2) : null;
  }

  public void stop() {
    stopping = true;
  }

  public void storageLow(boolean low) {
    storageLow = low;
  }

  public void databaseAway(boolean away) {
    databaseAway = away;
  }

  public boolean isDatabaseAway() {
    return databaseAway;
  }

  public long records() {
    return records.get();
  }

  public long bytes() {
    return bytes.get();
  }

  private static int weight(Offer offer) {
    return Math.max(1, offer.records().size() + offer.samples().size() / 16);
  }
}
