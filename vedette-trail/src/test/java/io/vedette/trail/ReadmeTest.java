package io.vedette.trail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example in README.md compiles and prints what README.md says. */
class ReadmeTest {
  @Test
  void theExampleDoesWhatItSays(@TempDir Path folder) throws Exception {
    String readme = Files.readString(Path.of("README.md"));
    Path source = Files.writeString(folder.resolve("Example.java"), block(readme, "```java"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int result = compiler.run(
        null,
        errors,
        errors,
        "-cp",
        System.getProperty("java.class.path"),
        "-d",
        folder.toString(),
        source.toString());
    assertThat(result).as("%s", errors.toString(UTF_8)).isZero();
    assertThat(run(folder)).isEqualTo(block(readme, "It prints\n\n```"));
  }

  private static String run(Path folder) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader = new URLClassLoader(
            new URL[] {folder.toUri().toURL()}, ReadmeTest.class.getClassLoader());
        PrintStream out = new PrintStream(printed, true, UTF_8)) {
      System.setOut(out);
      loader.loadClass("Example").getMethod("main", String[].class).invoke(null, (Object)
          new String[0]);
    } finally {
      System.setOut(before);
    }
    return printed.toString(UTF_8);
  }

  /** The fenced block that these characters open. */
  private static String block(String readme, String opening) {
    Matcher fence =
        Pattern.compile(Pattern.quote(opening) + "\n(.*?\n)```", Pattern.DOTALL).matcher(readme);
    assertThat(fence.find()).as(opening).isTrue();
    return fence.group(1);
  }
}
