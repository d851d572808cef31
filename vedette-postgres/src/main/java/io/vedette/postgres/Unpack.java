package io.vedette.postgres;

import java.nio.file.Path;

/** What a build does once, so that no new data folder waits for it: {@code java ... io.vedette.postgres.Unpack FOLDER}. */
public final class Unpack {
  private Unpack() {}

  public static void main(String[] arguments) {
    if (arguments.length != 1) {
      System.err.println("expected: one folder, below which PostgreSQL is unpacked");
      System.exit(2);
    }
    try {
      Binaries.unpackTo(Path.of(arguments[0]).toAbsolutePath(), null, sentence -> {});
    } catch (EmbeddedPostgresException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }
}
