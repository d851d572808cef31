package io.vedette.runtime;

import io.vertx.core.Future;
import java.util.Map;

/** One of the services, as whoever runs it sees it: started once, drained, stopped. */
public interface Service {
  /** For example {@code collector}. */
  String name();

  /** Completes when the service is useful, with the ports it listens on by name, for example {@code edge.http}. */
  Future<Map<String, Integer>> start();

  /** Takes no more and finishes what was taken. */
  Future<Void> drain();

  /** Closes what it opened. Called after {@link #drain}, also when that failed or took too long. */
  Future<Void> stop();
}
