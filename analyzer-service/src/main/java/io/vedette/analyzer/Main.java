package io.vedette.analyzer;

import io.vedette.store.host.ServiceHost;

/** The analyzer as a process of its own. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    ServiceHost.main("analyzer", AnalyzerService::new, arguments);
  }
}
