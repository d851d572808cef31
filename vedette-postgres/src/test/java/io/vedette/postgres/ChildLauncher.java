package io.vedette.postgres;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A {@link LauncherMain} in a JVM of its own; closing kills it. */
final class ChildLauncher implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  private ChildLauncher(Process process) {
    this.process = process;
    this.output = process.inputReader();
  }

  static ChildLauncher start(String... arguments) throws IOException {
    return new ChildLauncher(launch(List.of(), System.getProperty("java.class.path"), arguments));
  }

  /** The same as the leader of a process group that hears SIGINT, also where these tests run in the background. */
  static ChildLauncher startAsGroup(String... arguments) throws IOException {
    return new ChildLauncher(launch(
        List.of("setsid", "env", "--default-signal=INT"),
        System.getProperty("java.class.path"),
        arguments));
  }

  /** The same as another account, with the class path copied to where that account can read it. */
  static ChildLauncher startAs(ServerAccount account, Path readable, String... arguments)
      throws IOException {
    List<String> copies = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(":")) {
      Path original = Path.of(entry);
      Path copy = readable.resolve(copies.size() + "-" + original.getFileName());
      copy(original, copy);
      copies.add(copy.toString());
    }
    return new ChildLauncher(
        launch(account.command(List.of()), String.join(":", copies), arguments));
  }

  private static Process launch(List<String> prefix, String classPath, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx128m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        classPath,
        LauncherMain.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .directory(Path.of("/").toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** The next line it prints that is not of its log. */
  String line() throws Exception {
    return CompletableFuture.supplyAsync(this::next).get(60, TimeUnit.SECONDS);
  }

  private String next() {
    try {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.matches("(running|refused|ended|answered|locked|held)\\b.*")) {
          return line;
        }
      }
      return "no more output";
    } catch (IOException e) {
      return e.toString();
    }
  }

  long pid() {
    return process.pid();
  }

  void closeInput() throws IOException {
    process.getOutputStream().close();
  }

  void kill() throws Exception {
    process.destroyForcibly().onExit().get(60, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(from, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
          throws IOException {
        Files.createDirectories(to.resolve(from.relativize(folder).toString()));
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
          throws IOException {
        Files.copy(
            file, file.equals(from) ? to : to.resolve(from.relativize(file).toString()));
        return FileVisitResult.CONTINUE;
      }
    });
  }
}
