package io.vedette.collector.source.file;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** Which files match: globs over absolute paths, and globs over paths or bare names that are left out. Follows no links; bounded in depth and number. */
public final class FileDiscovery {

  public static final int MAX_FILES = 500;

  private static final int MAX_DEPTH = 8;
  private static final int MAX_VISITED = 20_000;

  private final List<Path> roots = new ArrayList<>();
  private final List<PathMatcher> include = new ArrayList<>();
  private final List<PathMatcher> exclude = new ArrayList<>();

  /** The files, those that match but cannot be read, and whether there were more than the bound. */
  public record Found(List<Path> files, List<Path> unreadable, boolean more) {}

  public FileDiscovery(List<String> include, List<String> exclude) {
    for (String glob : include) {
      this.include.add(FileSystems.getDefault().getPathMatcher("glob:" + glob));
      roots.add(root(glob));
    }
    for (String glob : exclude) {
      this.exclude.add(FileSystems.getDefault().getPathMatcher("glob:" + glob));
    }
  }

  /** The folder before the first wildcard. */
  private static Path root(String glob) {
    int wildcard = glob.length();
    for (int i = 0; i < glob.length(); i++) {
      if ("*?[{".indexOf(glob.charAt(i)) >= 0) {
        wildcard = i;
        break;
      }
    }
    int slash = glob.lastIndexOf('/', wildcard);
    return Path.of(slash <= 0 ? "/" : glob.substring(0, slash));
  }

  public Found find() throws IOException {
    List<Path> files = new ArrayList<>();
    List<Path> unreadable = new ArrayList<>();
    int[] visited = {0};
    boolean[] more = {false};
    for (Path root : roots) {
      if (!Files.isDirectory(root)) {
        continue;
      }
      Files.walkFileTree(
          root,
          EnumSet.noneOf(java.nio.file.FileVisitOption.class),
          MAX_DEPTH,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              return excluded(folder) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (++visited[0] > MAX_VISITED || files.size() >= MAX_FILES) {
                more[0] = true;
                return FileVisitResult.TERMINATE;
              }
              if (attributes.isRegularFile() && matches(file) && !files.contains(file)) {
                (Files.isReadable(file) ? files : unreadable).add(file);
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
              unreadable.add(file);
              return FileVisitResult.CONTINUE;
            }
          });
    }
    return new Found(files, unreadable, more[0]);
  }

  private boolean matches(Path file) {
    return include.stream().anyMatch(glob -> glob.matches(file)) && !excluded(file);
  }

  private boolean excluded(Path path) {
    Path name = path.getFileName();
    return exclude.stream()
        .anyMatch(glob -> glob.matches(path) || (name != null && glob.matches(name)));
  }
}
