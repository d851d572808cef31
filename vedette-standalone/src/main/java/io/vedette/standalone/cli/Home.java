package io.vedette.standalone.cli;

import java.nio.file.Path;

/** Where the launcher lies: configuration and rules are beside it. */
public final class Home {
  private Home() {}

  public static Path folder() {
    return Path.of(System.getProperty("vedette.home", "."));
  }
}
