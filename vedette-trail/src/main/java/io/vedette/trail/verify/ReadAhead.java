package io.vedette.trail.verify;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Reads numbered things in order, a few of them at a time. For one thread; holds as many as it has readers. A reader bounds its own time. */
final class ReadAhead<T> implements AutoCloseable {
  /** Several requests, each with a bound of its own. */
  private static final long LIMIT_S = 600;

  private final ExecutorService readers;
  private final int count;
  private final long end;
  private final Reader<T> reader;
  private final Deque<Future<T>> reading = new ArrayDeque<>();
  private long next;

  /** Reads one of them; called by several threads at once. */
  interface Reader<T> {
    T read(long number) throws IOException;
  }

  /** Of numbers {@code [first, end)}. */
  ReadAhead(int count, long first, long end, Reader<T> reader) {
    this.readers = Executors.newFixedThreadPool(count, ReadAhead::daemon);
    this.count = count;
    this.next = first;
    this.end = end;
    this.reader = reader;
  }

  /** The next one, as it was read; its failure where it could not be. */
  T next() throws IOException {
    while (reading.size() < count && next < end) {
      long number = next++;
      reading.add(readers.submit(() -> reader.read(number)));
    }
    Future<T> first = reading.remove();
    try {
      return first.get(LIMIT_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while reading", e);
    } catch (TimeoutException e) {
      throw new IOException("not read within " + LIMIT_S + " s", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    readers.shutdownNow();
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "vedette-read");
    thread.setDaemon(true);
    return thread;
  }
}
