package io.vedette.edge.hub;

import io.vedette.edge.filter.Filter;
import io.vedette.edge.filter.FilterIndex;
import io.vedette.edge.filter.Sieve;
import io.vedette.edge.protocol.Frame;
import io.vedette.edge.protocol.Position;
import io.vedette.edge.protocol.ServerFrames;
import io.vedette.edge.resume.Entry;
import io.vedette.edge.resume.History;
import io.vedette.edge.resume.Ring;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A topic whose publications are numbered without holes. Written by the feed's event loop only; lanes read head, epoch and ring from theirs. Memory is bounded by the ring.
 */
public final class OrderedTopic extends Topic {
  /** A chunk is one buffer and one outbound entry per session; larger batches are cut so that the queue bound stays meaningful. */
  private static final int CHUNK_BYTES = 128 * 1024;

  private static final int MAX_FILTERS = 256;

  /** Publications that those who resume get together, and how many such blocks are kept: with 64 KiB each 2 MiB, and as much again per form on the wire. */
  private static final int BLOCK = 64;

  private static final int MAX_BLOCKS = 32;

  /** Where a topic stands: which incarnation, and its newest offset. */
  record Head(String epoch, long offset) {}

  private final long first;
  private final boolean urgent;
  private final Ring ring;
  private final History history;
  /** Guards itself and, while there are publications under way, the head: who holds a filter from a moment on finds a head that is in front of every publication its filter was not asked about. */
  private final FilterIndex filters;

  /** By first offset, least recently asked for first; guarded by itself. */
  private final Map<Long, Frame> blocks = new LinkedHashMap<>(MAX_BLOCKS, 0.75f, true);

  private final Sampler sampler;
  private final AtomicInteger evictions = new AtomicInteger();
  private int leftOut;
  private long leftOutSinceHead;
  private volatile @Nullable Head head;

  public OrderedTopic(String name, long first, boolean urgent, Ring ring, History history) {
    this(name, first, urgent, ring, history, new FilterIndex(MAX_FILTERS, System::nanoTime), 0);
  }

  /**
   * @param first offset of the first publication ever: 0 for records, else 1
   * @param urgent whether its publications are flushed at once, whatever the load
   * @param filters bounds the filters of subscriptions; from here on the topic's own
   * @param sampleAbove publications a second from which on a subscription without a filter gets a sample; 0 = never
   */
  public OrderedTopic(
      String name,
      long first,
      boolean urgent,
      Ring ring,
      History history,
      FilterIndex filters,
      int sampleAbove) {
    super(name, name);
    this.sampler = new Sampler(sampleAbove);
    this.filters = filters;
    this.first = first;
    this.urgent = urgent;
    this.ring = ring;
    this.history = history;
  }

  public long first() {
    return first;
  }

  public boolean urgent() {
    return urgent;
  }

  public History history() {
    return history;
  }

  public @Nullable Entry recent(long offset) {
    return ring.get(offset);
  }

  /** A block of the ring that begins where it was asked for. The caller releases the frame. */
  record Block(Frame frame, long next) {}

  static boolean beginsBlock(long offset) {
    return offset % BLOCK == 0;
  }

  /**
   * The publications from {@code first} on that everybody who resumes there gets, made and compressed once for all of them; null when there is no block at {@code first}, it is not whole in the ring, or has
   * more than {@code maxBytes}.
   */
  @Nullable
  Block block(long first, long maxBytes) {
    if (!beginsBlock(first)) {
      return null;
    }
    synchronized (blocks) {
      Frame known = blocks.get(first);
      if (known == null || recent(first) == null) {
        known = blockOfRing(first, maxBytes);
        if (known == null) {
          return null;
        }
        keep(first, known);
      }
      return new Block(known.retain(), first + BLOCK);
    }
  }

  private @Nullable Frame blockOfRing(long first, long maxBytes) {
    List<byte[]> messages = new ArrayList<>(BLOCK);
    long bytes = 0;
    for (long offset = first; offset < first + BLOCK; offset++) {
      Entry entry = recent(offset);
      bytes += entry == null ? 0 : entry.frame().length;
      if (entry == null || bytes > maxBytes) {
        return null;
      }
      messages.add(entry.frame());
    }
    return new Frame(messages);
  }

  private void keep(long first, Frame block) {
    Frame before = blocks.put(first, block);
    if (before != null) {
      before.release();
    }
    if (blocks.size() > MAX_BLOCKS) {
      Iterator<Frame> oldest = blocks.values().iterator();
      oldest.next().release();
      oldest.remove();
    }
  }

  @Override
  void deserted() {
    forgetBlocks();
  }

  private void forgetBlocks() {
    synchronized (blocks) {
      blocks.values().forEach(Frame::release);
      blocks.clear();
    }
  }

  @Nullable
  Head head() {
    return head;
  }

  /** Newest offset delivered; null until the topic's head is known. */
  public @Nullable Position position() {
    Head now = head;
    return now == null ? null : new Position(now.epoch(), now.offset());
  }

  /** The topic stands at {@code offset} of {@code epoch}, and what comes next continues it. Another epoch starts every subscription anew. */
  public void open(String epoch, long offset) {
    Head before = head;
    ring.clear();
    forgetBlocks();
    head = new Head(epoch, offset);
    if (before != null) {
      for (Lane lane : lanes()) {
        lane.execute(() -> lane.restarted(this));
      }
    }
  }

  /** The filter of an expression that is in use already; null when it is not. Each answer is released once. */
  @Nullable
  Filter holdExpression(String text) {
    synchronized (filters) {
      return filters.holdExpression(text);
    }
  }

  /** Whether one more expression may come into use. */
  boolean hasRoom() {
    synchronized (filters) {
      return filters.hasRoom();
    }
  }

  /** The filter to subscribe with, shared by all that want the same; null when there are too many different ones. Each answer is released once. */
  @Nullable
  Filter hold(Filter wanted) {
    synchronized (filters) {
      return filters.hold(wanted);
    }
  }

  /** Filters evicted since the last call. */
  public int takeEvictions() {
    return evictions.getAndSet(0);
  }

  @Override
  void release(Sieve sieve) {
    synchronized (filters) {
      filters.release((Filter) sieve);
    }
  }

  /** Distinct filters in use. */
  public int filters() {
    synchronized (filters) {
      return filters.size();
    }
  }

  /**
   * Publishes entries that continue the topic without a hole.
   *
   * @param arrivedUs when this node got them
   * @param sinceUs when their delivery began: with their commit or, where that is unknown, when they arrived
   */
  public void publish(List<Entry> entries, long arrivedUs, long sinceUs) {
    int from = 0;
    while (from < entries.size()) {
      int bytes = 0;
      int to = from;
      while (to < entries.size()
          && (bytes == 0 || bytes + entries.get(to).frame().length <= CHUNK_BYTES)) {
        bytes += entries.get(to++).frame().length;
      }
      publish(chunk(entries.subList(from, to), arrivedUs), sinceUs);
      from = to;
    }
  }

  private Chunk chunk(List<Entry> entries, long arrivedUs) {
    Head before = head;
    if (before == null) {
      throw new IllegalStateException(name() + ": published before its head was known");
    }
    List<byte[]> messages = new ArrayList<>(entries.size());
    List<Chunk.Piece> pieces = new ArrayList<>();
    Map<Filter, List<Chunk.Piece>> taken = new LinkedHashMap<>();
    List<Filter> evicted;
    long last = entries.get(entries.size() - 1).offset();
    synchronized (filters) {
      boolean filtered = !filters.isEmpty();
      for (Entry entry : entries) {
        ring.add(entry);
        messages.add(entry.frame());
        List<Filter> matching = filtered ? matching(entry) : List.of();
        if (!matching.isEmpty()) {
          Chunk.Piece piece = new Chunk.Piece(entry.offset(), new Frame(entry.frame()));
          pieces.add(piece);
          for (Filter filter : matching) {
            taken.computeIfAbsent(filter, absent -> new ArrayList<>()).add(piece);
          }
        }
      }
      head = new Head(before.epoch(), last);
      evicted = filters.takeEvicted();
    }
    evicted.forEach(this::tellEvicted);
    List<Chunk.Cut> cuts = new ArrayList<>(taken.size());
    taken.forEach((filter, its) -> cuts.add(new Chunk.Cut(
        filter,
        its,
        new Frame(its.stream().map(piece -> piece.frame().messages().get(0)).toList()))));
    return new Chunk(
        before.epoch(),
        entries.get(0).offset(),
        last,
        new Frame(messages),
        sample(before.epoch(), entries, arrivedUs),
        pieces,
        cuts);
  }

  private void tellEvicted(Filter filter) {
    evictions.incrementAndGet();
    for (Lane lane : lanes()) {
      lane.execute(() -> lane.evicted(this, filter));
    }
  }

  /** What is left out is counted, and the next one that goes out says how many it were; so the first after a sample says it as well. */
  private Chunk.@Nullable Sample sample(String epoch, List<Entry> entries, long nowUs) {
    int every = sampler.every(entries.size(), nowUs);
    if (every == 1 && leftOut == 0) {
      return null;
    }
    List<byte[]> kept = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.offset() % every != 0) {
        leftOut++;
      } else if (every == 1 && leftOut == 0) {
        kept.add(entry.frame());
      } else {
        kept.add(ServerFrames.sampled(
            name(), new Position(epoch, entry.offset()).toString(), every, leftOut, entry.body()));
        leftOut = 0;
      }
    }
    int left = entries.size() - kept.size();
    leftOutSinceHead += left;
    return new Chunk.Sample(kept.isEmpty() ? null : new Frame(kept), left);
  }

  private List<Filter> matching(Entry entry) {
    try {
      return filters.matching(entry.facts());
    } catch (IllegalArgumentException | UncheckedIOException noObject) {
      // Nothing that a field could be equal to.
      return List.of();
    }
  }

  private void publish(Chunk chunk, long sinceUs) {
    for (Lane lane : lanes()) {
      chunk.retain();
      lane.execute(() -> lane.deliver(this, chunk, sinceUs));
    }
    chunk.release();
  }

  /** Tells subscriptions that asked where the topic stands. */
  public void announceHead() {
    Position now = position();
    if (now == null || lanes().isEmpty()) {
      return;
    }
    String position = now.toString();
    Frame whole = new Frame(ServerFrames.head(name(), position));
    Heads heads = new Heads(
        now,
        whole,
        leftOutSinceHead == 0 && sampler.every() == 1
            ? whole.retain()
            : new Frame(
                ServerFrames.sampledHead(name(), position, sampler.every(), leftOutSinceHead)),
        new Frame(ServerFrames.head(name(), position, position)));
    leftOutSinceHead = 0;
    for (Lane lane : lanes()) {
      heads.retain();
      lane.execute(() -> lane.deliverHead(this, heads));
    }
    heads.release();
  }
}
