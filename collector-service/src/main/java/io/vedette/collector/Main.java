package io.vedette.collector;

import io.vedette.store.host.ServiceHost;

/** The collector as a process of the cluster. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    ServiceHost.main("collector", CollectorService::new, args);
  }
}
