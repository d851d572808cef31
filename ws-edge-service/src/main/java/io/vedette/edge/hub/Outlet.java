package io.vedette.edge.hub;

import io.vedette.edge.protocol.CloseCode;
import io.vedette.edge.protocol.Frame;

/** Where a session's bytes go. Called on the session's event loop only; the caller keeps its hold on the frame. */
public interface Outlet {
  /** Queues behind what was written before; nothing leaves until {@link #flush()}. */
  void write(Frame frame);

  /** Writes, flushes, and runs {@code sent} on the loop when the frame has left this process (or the socket is gone). */
  void write(Frame frame, Runnable sent);

  void flush();

  /** Both at once, which some outlets do for less. */
  default void writeAndFlush(Frame frame) {
    write(frame);
    flush();
  }

  /** Bytes written and not yet taken by the operating system. */
  long pendingBytes();

  /** A WebSocket ping, where the transport has one. */
  void ping();

  /** Says goodbye, and cuts the connection a few seconds later should the peer not answer. */
  void close(CloseCode code, String reason);
}
