package io.vedette.it;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Programs that a test needs beside the JDK: skipped where one is missing, failed where {@code -Dtools.required} says that it must be there. */
public final class Tools {
  private Tools() {}

  public static Path require(String name) {
    return requireOneOf(name);
  }

  /** The first of these that is there: any of them does. */
  public static Path requireOneOf(String... names) {
    for (String name : names) {
      for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
        Path candidate = Path.of(folder, name);
        if (Files.isExecutable(candidate)) {
          return candidate;
        }
      }
    }
    String missing = String.join(" or ", names) + ": not found on the PATH";
    if (System.getProperty("tools.required") != null) {
      Assertions.fail(missing + " (required by -Dtools.required)");
    }
    Assumptions.abort(missing);
    throw new AssertionError("unreachable");
  }
}
