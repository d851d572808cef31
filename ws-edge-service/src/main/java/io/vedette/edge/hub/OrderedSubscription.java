package io.vedette.edge.hub;

import io.vedette.edge.filter.Filter;
import io.vedette.edge.protocol.ErrorCode;
import io.vedette.edge.protocol.Frame;
import io.vedette.edge.protocol.Position;
import io.vedette.edge.protocol.ServerFrames;
import io.vedette.edge.resume.Entry;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over one incarnation of an ordered topic. <em>Live</em>, it takes publications as they come and a session without room is closed with a resumable code. <em>Replaying</em>, it ignores them and pulls pages from the
 * ring, then the store, one page ahead of its client, until it reaches the head; so nothing is doubled and nothing left out, whatever the interleaving.
 */
final class OrderedSubscription extends Subscription {

  /** What the client asked for: a position or {@code new}, or nothing; perhaps only the newest few, several in one message, no sample ever, or what a filter takes. */
  record Wish(
      boolean asked,
      @Nullable Position position,
      int limit,
      boolean batch,
      boolean all,
      @Nullable Filter filter) {
    static final int UNLIMITED = -1;

    Wish with(Filter wanted) {
      return new Wish(asked, position, limit, batch, all, wanted);
    }
  }

  /** Rows of one store read; with the page's byte bound this keeps a read short. */
  private static final int STORE_PAGE = 128;

  /** Publications a filter looks at in one turn: some milliseconds of its loop. */
  private static final int MAX_LOOKED = 512;

  /** Less when evaluating takes so long; then others have four times as long until the next turn. */
  private static final long MAX_TURN_US = 5_000;

  private static final int REST = 4;
  private static final long TURN_MS = 2;
  private static final long RETRY_MS = 1_000;
  private static final int MAX_RETRIES = 30;

  private final OrderedTopic topic;
  private final Wish wish;
  private @Nullable String epoch;
  private int starts;
  private long next;
  private boolean live;
  private boolean registered;
  private boolean reading;
  private long found;
  private boolean searched;
  private int retries;
  private boolean recovered = true;
  private @Nullable String reason;

  OrderedSubscription(Session session, OrderedTopic topic, Wish wish) {
    super(session);
    this.topic = topic;
    this.wish = wish;
  }

  @Override
  OrderedTopic topic() {
    return topic;
  }

  @Override
  boolean asked() {
    return wish.asked();
  }

  @Override
  @Nullable
  Filter filter() {
    return wish.filter();
  }

  @Override
  void start() {
    OrderedTopic.Head head = topic.head();
    if (head == null) {
      session.refuseSubscription(
          this,
          ErrorCode.REGISTRATION_FAILURE,
          "the store has not been reached yet, so the topic's head is not known; register again in a second");
      return;
    }
    epoch = head.epoch();
    Position from = wish.position();
    if (from == null) {
      next = head.offset() + 1;
    } else if (!from.epoch().equals(head.epoch())) {
      next = head.offset() + 1;
      recovered = false;
      reason = "epoch";
    } else if (from.offset() > head.offset()) {
      next = head.offset() + 1;
      recovered = false;
      reason = "future";
    } else {
      next = Math.max(from.offset() + 1, topic.first());
    }
    if (wish.limit() != Wish.UNLIMITED) {
      long newest = Math.max(topic.first(), head.offset() + 1 - wish.limit());
      boolean cut = from != null && recovered && newest > next;
      if (from == null || !recovered || cut) {
        next = newest;
      }
      if (cut || (from == null && next <= head.offset())) {
        recovered = false;
        reason = "limit";
      }
    }
    pump();
  }

  /** All publications of a chunk, for a subscription without a filter. */
  void offer(Chunk chunk) {
    if (closed || !live || chunk.last() < next || !chunk.epoch().equals(epoch)) {
      return;
    }
    if (chunk.first() != next) {
      live = false;
      pump();
      return;
    }
    Chunk.Sample sample = wish.all() ? null : chunk.sample();
    Frame frame = sample == null ? chunk.whole() : sample.frame();
    if (frame != null && !session.makeRoom()) {
      session.metrics().dropped(topic.kind(), "disconnect", chunk.last() - chunk.first() + 1);
      session.closeSlow(topic);
      return;
    }
    next = chunk.last() + 1;
    if (sample != null) {
      session.metrics().dropped(topic.kind(), "sample", sample.leftOut());
    }
    if (frame != null) {
      publication(frame);
    }
  }

  private void publication(Frame frame) {
    session.publication(
        topic, wish.batch() ? frame.batched() : frame, frame.messages().size());
  }

  /** What this subscription's filter takes of a chunk of that epoch. */
  void offer(String ofEpoch, Chunk.Cut cut) {
    if (closed || !live || !ofEpoch.equals(epoch)) {
      return;
    }
    if (wish.batch() && cut.pieces().get(0).offset() >= next && session.makeRoom()) {
      next = cut.pieces().get(cut.pieces().size() - 1).offset() + 1;
      publication(cut.together());
      return;
    }
    for (Chunk.Piece piece : cut.pieces()) {
      if (closed) {
        return;
      }
      if (piece.offset() >= next) {
        if (!session.makeRoom()) {
          session.metrics().dropped(topic.kind(), "disconnect", 1);
          session.closeSlow(topic);
          return;
        }
        next = piece.offset() + 1;
        session.publication(topic, piece.frame(), 1);
      }
    }
  }

  /** Where the topic stands; a subscription with a filter is told how far it has come. */
  void head(Heads heads) {
    if (wish.filter() == null) {
      session.write(wish.all() ? heads.whole() : heads.sampled());
    } else if (live) {
      session.write(heads.reached());
    } else {
      Position position = heads.position();
      Frame own = new Frame(ServerFrames.head(
          topic.name(),
          position.toString(),
          new Position(position.epoch(), Math.min(position.offset(), next - 1)).toString()));
      session.write(own);
      own.release();
    }
  }

  /** The topic began a new incarnation: nothing before it can be resumed. */
  void restarted() {
    OrderedTopic.Head head = topic.head();
    if (closed || head == null || head.epoch().equals(epoch)) {
      return; // it began in this incarnation
    }
    epoch = head.epoch();
    starts++; // what is still under way belongs to the former one
    reading = false;
    next = head.offset() + 1;
    live = false;
    searched = false;
    found = 0;
    registered = false;
    recovered = false;
    reason = "epoch";
    pump();
  }

  @Override
  void drained() {
    // A replay continues when its own page has left; a live cursor has nothing to catch up.
  }

  private void pump() {
    if (closed || live || reading) {
      return;
    }
    OrderedTopic.Block block =
        wish.filter() == null ? topic.block(next, session.limits().replayPageBytes()) : null;
    if (block != null) {
      register();
      next = block.next();
      send(block.frame(), this::pump);
      return;
    }
    Page page = new Page();
    for (Entry entry = topic.recent(next);
        entry != null && page.hasRoom();
        entry = topic.recent(page.next)) {
      page.add(entry);
    }
    if (page.looked > 0) {
      register();
      send(page, this::pump);
      return;
    }
    OrderedTopic.Head head = topic.head();
    if (head == null || next > head.offset()) {
      register();
      live = true;
      searched(head);
      session.lane().flushSoon();
      return;
    }
    reading = true;
    int mine = starts;
    topic.history().read(next, STORE_PAGE).whenComplete((entries, failure) -> session
        .lane()
        .execute(() -> {
          if (mine == starts) {
            received(entries, failure);
          }
        }));
  }

  /** What is to be done later, unless the topic begins anew before that. */
  private Runnable inThisIncarnation(Runnable then) {
    int mine = starts;
    return () -> {
      if (mine == starts) {
        then.run();
      }
    };
  }

  /** What goes out at once: bounded in bytes and, for a filter that takes little, in publications looked at. */
  private final class Page {
    final List<byte[]> messages = new ArrayList<>();
    int looked;
    long next = OrderedSubscription.this.next;
    private final long startedUs = session.lane().nowUs();
    private int bytes;

    long tookUs() {
      return wish.filter() == null ? 0 : session.lane().nowUs() - startedUs;
    }

    boolean hasRoom() {
      return (looked == 0 || tookUs() < MAX_TURN_US)
          && bytes < session.limits().replayPageBytes()
          && looked < MAX_LOOKED
          && (looked == 0 || wish.filter() != null || !OrderedTopic.beginsBlock(next));
    }

    void add(Entry entry) {
      looked++;
      next = entry.offset() + 1;
      if (wanted(entry)) {
        messages.add(entry.frame());
        bytes += entry.frame().length;
      }
    }
  }

  private boolean wanted(Entry entry) {
    Filter filter = wish.filter();
    if (filter == null) {
      return true;
    }
    try {
      return filter.matches(entry.facts());
    } catch (IllegalArgumentException | UncheckedIOException noObject) {
      return false;
    }
  }

  private void received(@Nullable List<Entry> entries, @Nullable Throwable failure) {
    reading = false;
    if (closed) {
      return;
    }
    if (entries == null) {
      storeUnavailable(failure);
      return;
    }
    retries = 0;
    if (entries.isEmpty()) {
      // Not in the store any more, and not in the ring: what is left begins behind the head.
      missing(Math.max(next, head().offset() + 1), "retention");
      pump();
      return;
    }
    if (entries.get(0).offset() <= next) {
      found(entries);
    } else if (registered) {
      next = entries.get(0).offset();
      pages(entries, 0);
    } else {
      tellApart(entries);
    }
  }

  private void found(List<Entry> entries) {
    register();
    pages(entries, 0);
  }

  /** What is missing before these was either given up with all that is as old, or is a hole: erased one by one. */
  private void tellApart(List<Entry> entries) {
    reading = true;
    int mine = starts;
    topic.history().read(topic.first(), 1).whenComplete((oldest, failure) -> session
        .lane()
        .execute(() -> {
          if (mine != starts) {
            return;
          }
          reading = false;
          if (closed) {
            return;
          }
          if (oldest == null) {
            storeUnavailable(failure);
            return;
          }
          boolean hole = !oldest.isEmpty() && oldest.get(0).offset() < next;
          missing(entries.get(0).offset(), hole ? "erased" : "retention");
          found(entries);
        }));
  }

  /** Writes the entries of one store read page by page, each when the page before has left. */
  private void pages(List<Entry> entries, int from) {
    if (closed) {
      return;
    }
    if (from >= entries.size()) {
      pump();
      return;
    }
    Page page = new Page();
    int to = from;
    while (to < entries.size() && page.hasRoom()) {
      page.add(entries.get(to++));
    }
    int rest = to;
    // A slow client holds a page or two; what is larger is read again when its turn has come.
    send(page, fitsPage(entries, rest) ? () -> pages(entries, rest) : this::pump);
  }

  private boolean fitsPage(List<Entry> entries, int from) {
    long bytes = 0;
    for (int i = from; i < entries.size(); i++) {
      bytes += entries.get(i).frame().length;
    }
    return bytes <= session.limits().replayPageBytes();
  }

  /** Goes on when the page has left; after one that had nothing for this client, when others had their turn. */
  private void send(Page page, Runnable then) {
    next = page.next;
    long tookUs = page.tookUs();
    Runnable later = tookUs >= MAX_TURN_US || page.messages.isEmpty()
        ? () -> session
            .lane()
            .schedule(Math.max(TURN_MS, REST * tookUs / 1_000), inThisIncarnation(then))
        : then;
    if (page.messages.isEmpty()) {
      later.run();
    } else {
      send(new Frame(page.messages), later);
    }
  }

  private void send(Frame frame, Runnable then) {
    int items = frame.messages().size();
    found += items;
    session.replayed(topic, wish.batch() ? frame.batched() : frame, items, inThisIncarnation(then));
    frame.release();
  }

  /** The first time that everything old was looked through. */
  private void searched(OrderedTopic.@Nullable Head head) {
    if (wish.filter() != null && wish.asked() && !searched && head != null) {
      searched = true;
      Frame frame = new Frame(ServerFrames.replayed(
          topic.name(), new Position(head.epoch(), next - 1).toString(), found));
      session.write(frame);
      frame.release();
    }
  }

  private void missing(long first, String why) {
    if (!registered) {
      recovered = false;
      reason = why;
    }
    next = first;
  }

  private OrderedTopic.Head head() {
    OrderedTopic.Head head = topic.head();
    return head == null ? new OrderedTopic.Head("", next - 1) : head;
  }

  private void register() {
    if (registered) {
      return;
    }
    registered = true;
    if (wish.asked()) {
      OrderedTopic.Head head = head();
      String position = new Position(head.epoch(), next - 1).toString();
      long old = Math.max(0, head.offset() + 1 - next);
      Frame frame = new Frame(
          wish.filter() == null
              ? ServerFrames.registered(topic.name(), position, recovered, old, reason)
              : ServerFrames.searching(topic.name(), position, recovered, old, reason));
      session.write(frame);
      frame.release();
      session.metrics().resumed(topic.kind(), recovered, reason);
    }
  }

  private void storeUnavailable(@Nullable Throwable failure) {
    session.metrics().storeReadFailed(topic.kind());
    if (!registered || ++retries > MAX_RETRIES) {
      session.refuseSubscription(
          this,
          ErrorCode.REGISTRATION_FAILURE,
          "history cannot be read now ("
              + (failure == null ? "no answer" : failure.getClass().getSimpleName())
              + "); register again with the last position");
      return;
    }
    session.lane().schedule(RETRY_MS, inThisIncarnation(this::pump));
  }
}
