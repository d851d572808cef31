package io.vedette.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands that the root README tells people to type. */
final class Readme {
  private Readme() {}

  /** The one block of a language that contains a word. */
  static String block(String language, String word) throws IOException {
    Matcher blocks = Pattern.compile("(?s)```" + language + "\n(.*?)```")
        .matcher(Files.readString(Path.of("..", "README.md")));
    List<String> found = blocks
        .results()
        .map(block -> block.group(1))
        .filter(block -> block.contains(word))
        .toList();
    if (found.size() != 1) {
      throw new AssertionError("README.md has " + found.size() + " blocks of " + language + " with "
          + word + " (expected: 1)");
    }
    return found.get(0);
  }

  /** With another port; what is not there cannot be replaced. */
  static String port(String block, String asWritten, String actual) {
    if (!block.contains(asWritten)) {
      throw new AssertionError("README.md: no " + asWritten + " in\n" + block);
    }
    return block.replace(asWritten, actual);
  }
}
