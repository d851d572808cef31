package io.vedette.store.erase;

import io.vedette.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** The files of the server that a database lies on: tables, indexes, TOAST, write-ahead log and whatever else there is. */
record ServerFiles(TestDatabase db) {
  /** Which of these bytes stand in some file, and in which. */
  Map<Integer, Set<String>> found(List<byte[]> secrets, Predicate<Path> where) throws IOException {
    Map<Integer, Set<String>> found = new TreeMap<>();
    Path data = Path.of(db.query("SHOW data_directory").get(0));
    Files.walkFileTree(data, new SimpleFileVisitor<Path>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes is) throws IOException {
        if (!is.isRegularFile() || !where.test(file)) {
          return FileVisitResult.CONTINUE;
        }
        try {
          byte[] bytes = Files.readAllBytes(file);
          for (int i = 0; i < secrets.size(); i++) {
            if (indexOf(bytes, secrets.get(i)) >= 0) {
              found.computeIfAbsent(i, none -> new TreeSet<>()).add(named(data.relativize(file)));
            }
          }
        } catch (NoSuchFileException gone) {
          return visitFileFailed(file, gone);
        }
        return FileVisitResult.CONTINUE;
      }

      /** A server's files come and go; what is gone holds nothing. */
      @Override
      public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
        if (failure instanceof NoSuchFileException) {
          return FileVisitResult.CONTINUE;
        }
        throw failure;
      }
    });
    return found;
  }

  /** A file of this database says whose it is: a table's, an index's, its TOAST's, or nobody's any more. */
  private String named(Path file) {
    String number = file.getFileName().toString().replaceFirst("[._].*", "");
    String own = "base/"
        + db.query("SELECT oid FROM pg_database WHERE datname = current_database()")
            .get(0);
    if (!file.startsWith(own) || !number.matches("[0-9]+")) {
      return file.toString();
    }
    return file + " of "
        + db.query("SELECT coalesce(pg_filenode_relation(0, " + number
                + ")::text, 'nothing any more')")
            .get(0);
  }

  private static int indexOf(byte[] bytes, byte[] wanted) {
    for (int at = 0; at <= bytes.length - wanted.length; at++) {
      if (bytes[at] == wanted[0]
          && Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    return -1;
  }
}
