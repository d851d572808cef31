package io.vedette.edge.hub;

import io.vedette.edge.protocol.Frame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was written to a session since its last flush: a frame behind a shorter run. Sessions that were written the same frames hold the same run, so that its bytes are put together once and each of them
 * gets one write. Made and released by its {@link Lane}; on the lane's loop only.
 */
final class Run {
  /** Kinds of subscriptions that get different forms of one publication are few; more continuations than these are of single sessions and not worth a search. */
  private static final int SEARCHED = 4;

  /** What is longer goes out in its parts, whose bytes exist already: copying it would cost more than the entries it saves. */
  private static final long MAX_JOINED_BYTES = 64 << 10;

  private final @Nullable Run before;
  private final @Nullable Frame last;
  private final int frames;
  private final long bytes;
  private @Nullable Run newestLonger;
  private @Nullable Run sibling;
  private int holders;
  private @Nullable Frame joined;

  /** Nothing written. */
  Run() {
    this.before = null;
    this.last = null;
    this.frames = 0;
    this.bytes = 0;
  }

  private Run(Run before, Frame last) {
    this.before = before;
    this.last = last.retain();
    this.frames = before.frames + 1;
    this.bytes = before.bytes + last.length();
    this.sibling = before.newestLonger;
  }

  boolean isEmpty() {
    return frames == 0;
  }

  /** Of all its messages, before compression. */
  long bytes() {
    return bytes;
  }

  /** The run with {@code frame} behind this one, for a session that had this one; a new run is added to {@code made}, for its release. */
  Run then(Frame frame, List<Run> made) {
    Run longer = newestLonger;
    for (int looked = 0; longer != null && longer.last != frame; looked++) {
      longer = looked < SEARCHED ? longer.sibling : null;
    }
    if (longer == null) {
      longer = new Run(this, frame);
      newestLonger = longer;
      made.add(longer);
    }
    holders--;
    longer.holders++;
    return longer;
  }

  /** What to write, in order; valid until the release. One frame where several sessions hold the run, else its parts. */
  List<Frame> frames() {
    if (last == null) {
      return List.of();
    }
    if (frames == 1) {
      return List.of(last);
    }
    Frame whole = joined;
    if (whole == null) {
      if (holders < 2 || bytes > MAX_JOINED_BYTES) {
        return parts();
      }
      whole = Frame.of(parts());
      joined = whole;
    }
    return List.of(whole);
  }

  private List<Frame> parts() {
    Frame[] parts = new Frame[frames];
    Run run = this;
    for (int i = frames - 1; i >= 0 && run != null && run.last != null; i--) {
      parts[i] = run.last;
      run = run.before;
    }
    return List.of(parts);
  }

  /** The runs that begin with this one are released: none may be taken again. */
  void forgetLonger() {
    newestLonger = null;
  }

  void release() {
    newestLonger = null;
    sibling = null;
    if (joined != null) {
      joined.release();
      joined = null;
    }
    if (last != null) {
      last.release();
    }
  }
}
