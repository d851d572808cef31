package io.vedette.alert;

import io.vedette.store.host.ServiceHost;

/** The alert service as a process of its own. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    ServiceHost.main("alert", AlertService::new, arguments);
  }
}
