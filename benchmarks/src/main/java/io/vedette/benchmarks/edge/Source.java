package io.vedette.benchmarks.edge;

import java.io.IOException;
import java.nio.channels.Selector;

/** Where publications come from; driven by the loop that also reads the sockets, so that one clock serves both. */
interface Source extends AutoCloseable {
  /** Nanoseconds until there is something to do. */
  long waitNs(long nowNs);

  /** Publishes what is due. {@code behind}: publications that were sent and not yet received by everybody. */
  void turn(long nowNs, double behind, double maxBehind) throws IOException;

  /** Publications so far. */
  long published();

  /** Registers what it wants to hear of; the attachment of each key is a {@link Runnable}. */
  default void listen(Selector selector) throws IOException {}

  @Override
  void close() throws IOException;
}
