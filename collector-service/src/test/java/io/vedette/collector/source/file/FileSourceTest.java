package io.vedette.collector.source.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.collector.append.Offer;
import io.vedette.collector.decode.LineDecoder;
import io.vedette.collector.source.Piece;
import io.vedette.collector.source.PullSource;
import io.vedette.model.CanonicalRecord;
import io.vedette.model.RecordView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSourceTest {
  private static final long NOW_US = 1_800_000_000_000_000L;

  @TempDir
  Path folder;

  private final Map<String, String> cursors = new HashMap<>(); // the database
  private FileSource source;
  private long nowUs = NOW_US;

  @BeforeEach
  void open() throws Exception {
    source = newSource(10 << 20, 300);
    open(source);
  }

  private FileSource newSource(long history, int maxLine) {
    return new FileSource(
        new FileSource.Settings(
            "logs",
            List.of(folder + "/**"),
            FileSource.DEFAULT_EXCLUDE,
            maxLine,
            history,
            0,
            2,
            List.of("auth")),
        new LineDecoder(ZoneOffset.UTC));
  }

  private void open(FileSource opened) throws Exception {
    List<PullSource.Standing> standing = new ArrayList<>();
    cursors.forEach((cursor, position) -> standing.add(new PullSource.Standing(cursor, position)));
    opened.open(standing);
  }

  /** All that can be read now, committed; gap records in angle brackets, history with a star, parts with their number. */
  private List<String> readAll() throws Exception {
    return readAll(5);
  }

  private List<String> readAll(int polls) throws Exception {
    List<String> lines = new ArrayList<>();
    for (int quiet = 0; quiet < polls; ) {
      Piece piece = source.next(nowUs++);
      if (piece == null) {
        quiet++;
        continue;
      }
      quiet = 0;
      Offer.Position position = Objects.requireNonNull(piece.position());
      assertThat(cursors.get(position.cursor()))
          .as("compare and set of %s", position.cursor())
          .isEqualTo(position.from());
      cursors.put(position.cursor(), position.to());
      for (CanonicalRecord record : piece.records()) {
        lines.add(shown(new RecordView(record.seal(1))));
      }
      source.committed(piece);
    }
    return lines;
  }

  private static String shown(RecordView view) {
    if ("gap".equals(view.text("kind"))) {
      return "<" + view.attributes().get("cause") + ">";
    }
    Object part = view.attributes().get("part");
    return view.text("message") + (view.backfill() ? "*" : "") + (part == null ? "" : "#" + part);
  }

  private Path write(String name, String text, StandardOpenOption... options) throws IOException {
    return Files.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8), options);
  }

  private void append(String name, String text) throws IOException {
    write(name, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void whatWasThereIsHistoryAndWhatComesIsNot() throws Exception {
    append("a.log", "one\ntwo\r\nhalf");
    append("a.log.gz", "packed\n");
    append("bin.log", "x\0y\n");
    assertThat(readAll(5)).containsExactly("one*", "two*");
    append("a.log", " line\nthree\n");
    append("b.log", "new file\n");
    assertThat(readAll()).containsExactlyInAnyOrder("half line*", "three", "new file");
  }

  @Test
  void historyBeyondTheBudgetIsDeclared() throws Exception {
    source = newSource(10, 300);
    open(source);
    append("a.log", "line 1\nline 2\nline 3\nline 4\n");
    List<String> lines = readAll();
    assertThat(lines).hasSize(2);
    assertThat(lines).contains("line 4*");
    assertThat(lines.get(0))
        .startsWith("<older than the newest 10 bytes when ")
        .endsWith("its first 21 bytes>");
  }

  @Test
  void goesOnAfterARestart() throws Exception {
    append("a.log", "one\n");
    readAll();
    source.close();
    append("a.log", "two\n");
    source = newSource(10 << 20, 300);
    open(source);
    assertThat(readAll()).containsExactly("two");
    append("c.log", "appeared\n");
    assertThat(readAll()).containsExactly("appeared");
  }

  @Test
  void rotationByRenameLosesNothing() throws Exception {
    append("a.log", "one\n");
    readAll();
    append("a.log", "two\nlast without end");
    Files.move(folder.resolve("a.log"), folder.resolve("a.log.1"));
    append("a.log.1", "\nlate to the old file\n");
    append("a.log", "first of the new\n");
    assertThat(readAll())
        .containsExactly("two", "last without end", "late to the old file", "first of the new");
  }

  @Test
  void anUnfinishedLineOfARotatedFileIsALine() throws Exception {
    append("a.log", "one\nunfinished");
    readAll();
    Files.move(folder.resolve("a.log"), folder.resolve("a.log.1"));
    append("a.log", "new\n");
    assertThat(readAll()).containsExactly("unfinished*", "new");
  }

  @Test
  void rotationWhileNobodyLookedIsFoundAgain() throws Exception {
    append("a.log", "one\n");
    readAll();
    source.close();
    append("a.log", "two\n");
    Files.move(folder.resolve("a.log"), folder.resolve("a.log.1"));
    append("a.log", "three\n");
    source = newSource(10 << 20, 300);
    open(source);
    assertThat(readAll()).containsExactly("two", "three");
  }

  @Test
  void aReplacedFileThatCannotBeFoundIsDeclared() throws Exception {
    append("a.log", "one\n");
    readAll();
    source.close();
    write("fresh", "other\n");
    Files.move(
        folder.resolve("fresh"), folder.resolve("a.log"), StandardCopyOption.REPLACE_EXISTING);
    source = newSource(10 << 20, 300);
    open(source);
    assertThat(readAll())
        .containsExactly(
            "<" + folder.resolve("a.log")
                + " was replaced while it was not watched, and the rest of it could not be found>",
            "other");
  }

  @Test
  void copyAndTruncateBeginsAnew() throws Exception {
    append("a.log", "one\ntwo\n");
    readAll();
    write("a.log", "", StandardOpenOption.TRUNCATE_EXISTING);
    assertThat(readAll()).isEmpty();
    append("a.log", "three\n");
    assertThat(readAll()).containsExactly("three");
    write("a.log", "rewritten and longer than before\n", StandardOpenOption.TRUNCATE_EXISTING);
    assertThat(readAll()).contains("rewritten and longer than before");
  }

  @Test
  void longLinesAreSplitAndCharactersAreNot() throws Exception {
    append("a.log", "");
    readAll();
    append("a.log", "x".repeat(299) + "\u00e9" + "y".repeat(100) + "\nshort\n");
    assertThat(readAll())
        .containsExactly("x".repeat(299) + "#1", "\u00e9" + "y".repeat(100) + "#2", "short");
  }

  @Test
  void aPieceThatWasNotCommittedIsReadAgain() throws Exception {
    append("a.log", "one\n");
    Piece mark = Objects.requireNonNull(source.next(nowUs++));
    source.committed(mark);
    Piece piece = Objects.requireNonNull(source.next(nowUs++));
    Piece again = Objects.requireNonNull(source.next(nowUs++));
    assertThat(again.position()).isEqualTo(piece.position());
    assertThat(again.records()).hasSameSizeAs(piece.records());
  }

  @Test
  void aLastLineWithoutAnEndIsTakenWhenItStoodLong() throws Exception {
    append("a.log", "one\nstands");
    assertThat(readAll(30)).containsExactly("one*", "stands*#1");
    append("a.log", " on\ntwo\n");
    assertThat(readAll()).containsExactly(" on#2", "two");
  }

  @Test
  void cursorsSurviveAsText() {
    FileCursor cursor = new FileCursor(1, 2, 3, "abcd", 4, 5, 6);
    assertThat(FileCursor.parse(cursor.text())).isEqualTo(cursor);
    assertThat(parsed("nonsense")).isNull();
    assertThat(parsed("1 2 3 x y z 1 2")).isNull();
  }

  private static @Nullable FileCursor parsed(String text) {
    return FileCursor.parse(text);
  }

  @Test
  void theTimeOfProcessingIsToldApart() throws Exception {
    write("a.log", "one\ntwo\n");
    Piece piece = source.next(nowUs);
    while (piece != null && piece.records().isEmpty()) { // positions come first
      source.committed(piece);
      piece = source.next(nowUs);
    }
    assertThat(Objects.requireNonNull(piece).processUs()).isPositive();
  }
}
