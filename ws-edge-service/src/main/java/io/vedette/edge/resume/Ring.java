package io.vedette.edge.resume;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The newest publications of one ordered topic, without holes. One writer, any number of reading threads; a reader asks by offset and gets that entry or nothing. Bounded by slots and bytes: the
 * oldest goes first, who needs it reads the store.
 */
public final class Ring {
  private final AtomicReferenceArray<@Nullable Entry> slots;
  private final long maxBytes;
  private long oldest;
  private long next = Long.MIN_VALUE;
  private final AtomicLong bytes = new AtomicLong();

  public Ring(int capacity, long maxBytes) {
    this.slots = new AtomicReferenceArray<>(capacity);
    this.maxBytes = maxBytes;
  }

  /** Appends; an offset that does not continue the newest one empties the ring first. */
  public void add(Entry entry) {
    if (entry.offset() != next) {
      clear();
      oldest = entry.offset();
    }
    int slot = slot(entry.offset());
    if (entry.offset() - oldest >= slots.length()) {
      dropOldest();
    }
    slots.set(slot, entry);
    bytes.addAndGet(entry.frame().length);
    next = entry.offset() + 1;
    while (bytes.get() > maxBytes && oldest < next - 1) {
      dropOldest();
    }
  }

  public @Nullable Entry get(long offset) {
    Entry entry = slots.get(slot(offset));
    return entry != null && entry.offset() == offset ? entry : null;
  }

  public void clear() {
    if (next != Long.MIN_VALUE) {
      while (oldest < next) {
        dropOldest();
      }
    }
    next = Long.MIN_VALUE;
  }

  public long bytes() {
    return bytes.get();
  }

  private void dropOldest() {
    Entry dropped = slots.getAndSet(slot(oldest), null);
    if (dropped != null) {
      bytes.addAndGet(-dropped.frame().length);
    }
    oldest++;
  }

  private int slot(long offset) {
    return (int) Math.floorMod(offset, (long) slots.length());
  }
}
