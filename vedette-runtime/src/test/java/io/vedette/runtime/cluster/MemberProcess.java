package io.vedette.runtime.cluster;

import io.vedette.runtime.Awaits;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.metrics.Metrics;
import java.util.List;
import java.util.Map;

/** A member in a process of its own: joins the peer of its first argument, says so, and ends when its input does. */
final class MemberProcess {
  static final String JOINED = "joined";

  private MemberProcess() {}

  public static void main(String[] arguments) throws java.io.IOException {
    Config config = Config.of(Map.of());
    Awaits.await(Clustering.join(
        config, Metrics.registry(), Clustering.endpoint(config), List.of(arguments[0])));
    System.out.println(JOINED);
    while (System.in.read() >= 0) {
      // whoever started this process has more to say
    }
    Runtime.getRuntime().halt(0);
  }
}
