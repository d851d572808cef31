package io.vedette.edge.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One or more text messages, in order, for any number of sessions: their JSON, and beside it whatever wire form the socket adapter made of it, made once and freed with the last
 * holder. Counted: whoever hands it to another thread retains it first; who is done releases it.
 */
public final class Frame {

  /** Bytes ready for the socket, freed when the last holder released the frame. */
  public interface Wire {
    void free();
  }

  private final List<byte[]> messages;
  private final List<Frame> parts;
  private final int length;
  private final AtomicInteger holders = new AtomicInteger(1);
  private volatile @Nullable Wire wire;
  private @Nullable Frame batched;

  public Frame(byte[] message) {
    this(List.of(message));
  }

  public Frame(List<byte[]> messages) {
    this(messages, List.of());
  }

  private Frame(List<byte[]> messages, List<Frame> parts) {
    this.messages = List.copyOf(messages);
    this.parts = parts;
    int sum = 0;
    for (byte[] message : messages) {
      sum += message.length;
    }
    this.length = sum;
  }

  /** The messages of several frames, in order; holds them until its own release, so that what was made of them serves here as well. */
  public static Frame of(List<Frame> parts) {
    List<byte[]> messages = new ArrayList<>();
    for (Frame part : parts) {
      messages.addAll(part.retain().messages);
    }
    return new Frame(messages, List.copyOf(parts));
  }

  /** The frames this one was put together from; none if it is not. */
  public List<Frame> parts() {
    return parts;
  }

  /** UTF-8 JSON each; not to be modified. */
  public List<byte[]> messages() {
    return messages;
  }

  /** Bytes of all messages. */
  public int length() {
    return length;
  }

  /** The adapter's form of this frame, made by {@code maker} at first use. */
  public Wire wire(Function<Frame, Wire> maker) {
    Wire known = wire;
    if (known != null) {
      return known;
    }
    synchronized (this) {
      if (holders.get() <= 0) {
        throw new IllegalStateException("frame used after its release");
      }
      known = wire;
      if (known == null) {
        known = maker.apply(this);
        wire = known;
      }
      return known;
    }
  }

  /** The same messages as one, for clients that asked for batches; valid as long as this frame is. */
  public synchronized Frame batched() {
    if (messages.size() == 1) {
      return this;
    }
    if (batched == null) {
      batched = new Frame(ServerFrames.batch(messages));
    }
    return batched;
  }

  public Frame retain() {
    holders.incrementAndGet();
    return this;
  }

  public void release() {
    if (holders.decrementAndGet() == 0) {
      synchronized (this) {
        Wire made = wire;
        if (made != null) {
          made.free();
          wire = null;
        }
        if (batched != null) {
          batched.release();
          batched = null;
        }
        parts.forEach(Frame::release);
      }
    }
  }
}
