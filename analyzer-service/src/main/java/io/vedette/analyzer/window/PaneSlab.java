package io.vedette.analyzer.window;

import io.vedette.analyzer.rule.Rule;
import io.vedette.analyzer.statistic.Histogram;
import io.vedette.analyzer.statistic.WindowValue;
import io.vedette.store.analysis.Pane;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The panes of all keys of one rule in one partition: a ring of panes per slot, in flat arrays. A cell is rotated when it is touched: it knows which pane it holds. Grows by doubling up to the rule's bound of
 * keys; not thread safe.
 */
final class PaneSlab {
  private static final long EMPTY = Long.MIN_VALUE;
  private static final long[] NO_LONGS = {};
  private static final int[] NO_INTS = {};

  private final int ring;
  private final long paneUs;
  private final boolean indexed;
  private final boolean histograms;
  private final BitSet used = new BitSet();
  private int capacity;
  private long[] pane = NO_LONGS;
  private long[] count = NO_LONGS;
  private double[] sum = {};
  private double[] min = {};
  private double[] max = {};
  private double[] last = {};
  private double[] m2 = {};
  private long[] firstIndex = NO_LONGS;
  private long[] lastIndex = NO_LONGS;
  private long[] sample = NO_LONGS;
  private byte[] sampled = {};
  private @Nullable Histogram[] histogram = {};

  PaneSlab(Rule rule) {
    this.ring = rule.ringPanes();
    this.paneUs = rule.paneUs();
    this.indexed = rule.on() == Rule.Input.RECORDS;
    this.histograms = rule.needsHistogram();
  }

  int ring() {
    return ring;
  }

  int allocate() {
    int slot = used.nextClearBit(0);
    used.set(slot);
    if (slot >= capacity) {
      grow(Math.max(4, capacity * 2));
    }
    Arrays.fill(pane, slot * ring, (slot + 1) * ring, EMPTY);
    return slot;
  }

  void free(int slot) {
    used.clear(slot);
    if (histograms) {
      Arrays.fill(histogram, slot * ring, (slot + 1) * ring, null);
    }
  }

  private void grow(int slots) {
    int cells = slots * ring;
    pane = Arrays.copyOf(pane, cells);
    count = Arrays.copyOf(count, cells);
    sum = Arrays.copyOf(sum, cells);
    min = Arrays.copyOf(min, cells);
    max = Arrays.copyOf(max, cells);
    last = Arrays.copyOf(last, cells);
    m2 = Arrays.copyOf(m2, cells);
    if (indexed) {
      firstIndex = Arrays.copyOf(firstIndex, cells);
      lastIndex = Arrays.copyOf(lastIndex, cells);
      sample = Arrays.copyOf(sample, cells * Rule.PANE_SAMPLE);
      sampled = Arrays.copyOf(sampled, cells);
    }
    if (histograms) {
      histogram = Arrays.copyOf(histogram, cells);
    }
    capacity = slots;
  }

  private int cell(int slot, long number) {
    return slot * ring + (int) Math.floorMod(number, (long) ring);
  }

  boolean holds(int slot, long number) {
    return pane[cell(slot, number)] == number;
  }

  /** The pane's mean is not kept: sum and count give it, and are what is stored. */
  void fold(int slot, long number, double value, long index) {
    int cell = cell(slot, number);
    if (pane[cell] != number) {
      pane[cell] = number;
      count[cell] = 1;
      sum[cell] = value;
      min[cell] = value;
      max[cell] = value;
      m2[cell] = 0;
      if (indexed) {
        firstIndex[cell] = index;
        sampled[cell] = 0;
      }
      if (histograms) {
        Histogram counts = histogram[cell];
        if (counts == null) {
          histogram[cell] = new Histogram();
        } else {
          counts.clear();
        }
      }
    } else {
      long before = count[cell];
      double distance = value - sum[cell] / before;
      m2[cell] += distance * distance * ((double) before / (before + 1));
      count[cell] = before + 1;
      sum[cell] += value;
      min[cell] = Math.min(min[cell], value);
      max[cell] = Math.max(max[cell], value);
    }
    last[cell] = value;
    if (indexed) {
      lastIndex[cell] = index;
      if (sampled[cell] < Rule.PANE_SAMPLE) {
        sample[cell * Rule.PANE_SAMPLE + sampled[cell]++] = index;
      }
    }
    Histogram counts = histograms ? histogram[cell] : null;
    if (counts != null) {
      counts.add(value);
    }
  }

  /** Merges what the slot holds of panes first to last. */
  void merge(int slot, long first, long lastPane, WindowValue window) {
    window.clear();
    for (long number = first; number <= lastPane; number++) {
      int cell = cell(slot, number);
      if (pane[cell] != number) {
        continue;
      }
      window.merge(count[cell], sum[cell], min[cell], max[cell], last[cell], m2[cell]);
      if (indexed) {
        int from = cell * Rule.PANE_SAMPLE;
        window.mergeIndices(firstIndex[cell], lastIndex[cell], sample, from, from + sampled[cell]);
      }
      Histogram counts = histograms ? histogram[cell] : null;
      if (counts != null) {
        window.histogram().merge(counts);
      }
    }
  }

  Pane read(int slot, long number) {
    int cell = cell(slot, number);
    Histogram counts = histograms ? histogram[cell] : null;
    int from = cell * Rule.PANE_SAMPLE;
    return new Pane(
        number * paneUs,
        count[cell],
        sum[cell],
        min[cell],
        max[cell],
        last[cell],
        m2[cell],
        indexed ? firstIndex[cell] : -1,
        indexed ? lastIndex[cell] : -1,
        indexed ? Arrays.copyOfRange(sample, from, from + sampled[cell]) : NO_LONGS,
        counts == null ? NO_INTS : counts.buckets(),
        counts == null ? NO_INTS : counts.counts());
  }

  /** Puts a stored pane back. */
  void load(int slot, Pane stored) {
    long number = Math.floorDiv(stored.startUs(), paneUs);
    int cell = cell(slot, number);
    pane[cell] = number;
    count[cell] = stored.count();
    sum[cell] = stored.sum();
    min[cell] = stored.min();
    max[cell] = stored.max();
    last[cell] = stored.last();
    m2[cell] = stored.m2();
    if (indexed) {
      firstIndex[cell] = stored.firstIndex();
      lastIndex[cell] = stored.lastIndex();
      sampled[cell] = (byte) stored.sample().length;
      System.arraycopy(stored.sample(), 0, sample, cell * Rule.PANE_SAMPLE, stored.sample().length);
    }
    if (histograms) {
      Histogram counts = new Histogram();
      if (stored.buckets().length == 0) {
        counts.add(stored.last());
      }
      for (int i = 0; i < stored.buckets().length; i++) {
        counts.add(stored.buckets()[i], stored.counts()[i]);
      }
      histogram[cell] = counts;
    }
  }
}
