package io.vedette.trail.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The verifier and the writer share no code, in either direction. Read from the class files, whose constants name every class used. */
class IndependenceTest {
  private static final Pattern OURS = Pattern.compile("io[/.]vedette[/.][A-Za-z0-9_$/.]+");

  @Test
  void theVerifierNamesNoClassOfTheWriter() throws Exception {
    List<Path> verifier = classes("verify");
    assertThat(verifier).hasSizeGreaterThan(10);
    for (Path file : verifier) {
      assertThat(ours(file))
          .as("%s", file)
          .allMatch(name -> name.startsWith("io/vedette/trail/verify"));
    }
  }

  @Test
  void theWriterNamesNoClassOfTheVerifier() throws Exception {
    List<Path> writer = classes("");
    assertThat(writer).hasSizeGreaterThan(10);
    for (Path file : writer) {
      assertThat(ours(file))
          .as("%s", file)
          .noneMatch(name -> name.startsWith("io/vedette/trail/verify"));
    }
  }

  private static List<String> ours(Path file) throws IOException {
    Matcher names = OURS.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
    return names.results().map(name -> name.group().replace('.', '/')).toList();
  }

  private static List<Path> classes(String folder) throws IOException, URISyntaxException {
    Path root = Path.of(
        LogVerifier.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.list(root.resolve("io/vedette/trail").resolve(folder))) {
      return files
          .filter(
              file -> file.toString().endsWith(".class") && !file.endsWith("package-info.class"))
          .toList();
    }
  }
}
