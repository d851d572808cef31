package io.vedette.standalone.cli;

import java.nio.file.Path;
import java.util.Optional;

/** What the launcher tells of its place. */
public final class Home {
  private Home() {}

  /** Where the launcher lies: configuration and rules are beside it. */
  public static Path folder() {
    return Path.of(System.getProperty("vedette.home", "."));
  }

  /** Where the data go when the database's account cannot reach the folder asked for; empty for the usual place. */
  public static Optional<Path> fallback() {
    return Optional.ofNullable(System.getProperty("vedette.fallback")).map(Path::of);
  }

  /** Where a build unpacks PostgreSQL, whether or not it did; empty in a distribution. */
  public static Optional<Path> postgres() {
    return Optional.ofNullable(System.getProperty("vedette.postgres")).map(Path::of);
  }
}
