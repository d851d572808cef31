package io.vedette.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinariesIT {
  private static final ServerAccount ME = new ServerAccount("me", 1, 1, List.of(), false);

  @TempDir
  Path folder;

  private final Queue<String> progress = new ConcurrentLinkedQueue<>();

  @Test
  void unpackedOnceAndAgainOnlyWhenSomethingIsMissing() throws Exception {
    Path postgres = Path.of(below(folder, null).program("postgres"));
    assertThat(below(folder, null).version()).startsWith("18.");
    assertThat(progress).hasSize(1);
    Files.write(postgres, new byte[0]); // what a power cut may leave
    assertThat(below(folder, null).version()).startsWith("18.");
    assertThat(progress).hasSize(2);
    assertNothingHalfMade(folder);
  }

  @Test
  void whatTheBuildUnpackedIsCopiedWhole() throws Exception {
    Path unpacked = Binaries.unpackTo(folder.resolve("build"), null, sentence -> {});
    Path copied = below(folder.resolve("data"), folder.resolve("build")).home();
    assertThat(progress).singleElement().asString().startsWith("copying PostgreSQL");
    assertThat(tree(copied)).isEqualTo(tree(unpacked));
    Binaries.deleteTree(unpacked); // a clean build must not take the database's programs away
    assertThat(below(folder.resolve("data"), folder.resolve("build")).version()).startsWith("18.");
    assertThat(progress).hasSize(1);
    assertNothingHalfMade(folder.resolve("data"));
  }

  @Test
  void whatTheBuildUnpackedInPartIsNotCopied() throws Exception {
    Path unpacked = Binaries.unpackTo(folder.resolve("build"), null, sentence -> {});
    Files.write(unpacked.resolve("bin/initdb"), new byte[0]);
    Path made = below(folder.resolve("data"), folder.resolve("build")).home();
    assertThat(progress).last().asString().startsWith("unpacking PostgreSQL");
    assertThat(made.resolve("bin/initdb")).isNotEmptyFile();
    assertNothingHalfMade(folder.resolve("data"));
  }

  private Binaries below(Path place, @Nullable Path unpacked) {
    return Binaries.below(place, unpacked, ME, progress::add);
  }

  private static void assertNothingHalfMade(Path place) throws IOException {
    try (Stream<Path> places = Files.list(place)) {
      assertThat(places).hasSize(1);
    }
  }

  /** Every name with what it is: mode, and size or where a link leads. */
  private static Map<String, String> tree(Path root) throws IOException {
    Map<String, String> tree = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        String mode = PosixFilePermissions.toString(
            Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
        String what = Files.isSymbolicLink(path)
            ? "-> " + Files.readSymbolicLink(path)
            : Files.isDirectory(path) ? "folder" : Long.toString(Files.size(path));
        tree.put(root.relativize(path).toString(), mode + " " + what);
      }
    }
    return tree;
  }
}
