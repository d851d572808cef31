package io.vedette.collector.source.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vedette.collector.source.Piece;
import io.vedette.collector.source.PullSource;
import io.vedette.collector.source.SourceException;
import io.vedette.model.RecordView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a script that answers as journalctl does: three entries, then it follows. */
class JournalSourceTest {
  private static final String ENTRIES = """
      e1='{"__CURSOR":"c1","MESSAGE":"one","_COMM":"a"}'
      e2='{"__CURSOR":"c2","MESSAGE":"two","_COMM":"a"}'
      e3='{"__CURSOR":"c3","MESSAGE":"three","_COMM":"a"}'
      """;

  @TempDir
  Path folder;

  private JournalSource source(String script, long history) throws Exception {
    return source(script, history, "vera");
  }

  private JournalSource source(String script, long history, String user) throws Exception {
    Path command = folder.resolve("journalctl");
    Files.writeString(command, "#!/bin/sh\n" + ENTRIES + script);
    Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwx------"));
    return new JournalSource(
        new JournalSource.Settings(
            "journal", List.of(command.toString()), history, List.of("auth")),
        user);
  }

  private static final String FOLLOWING = """
      case "$*" in
        *-r*) printf '%s\\n%s\\n%s\\n' "$e3" "$e2" "$e1" ;;
        *--after-cursor=c3*) exec sleep 60 ;;
        *--after-cursor=c1*) printf '%s\\n%s\\n' "$e2" "$e3"; exec sleep 60 ;;
        *) printf '%s\\n%s\\n%s\\n' "$e1" "$e2" "$e3"; exec sleep 60 ;;
      esac
      """;

  /** Messages until the cursor wanted, history with a star, gaps as their kind. */
  private static List<String> read(JournalSource source, @Nullable String from, String until)
      throws Exception {
    List<String> messages = new ArrayList<>();
    String position = from;
    long deadlineNs = System.nanoTime() + 30_000_000_000L;
    while (!until.equals(position)) {
      assertThat(System.nanoTime()).as("read so far: %s", messages).isLessThan(deadlineNs);
      Piece piece = source.next(1_800_000_000_000_000L);
      if (piece == null) {
        Thread.onSpinWait();
        continue;
      }
      assertThat(Objects.requireNonNull(piece.position()).from()).isEqualTo(position);
      position = piece.position().to();
      piece.records().forEach(record -> {
        RecordView view = new RecordView(record.seal(1));
        messages.add(
            "gap".equals(view.text("kind"))
                ? "gap"
                : view.text("message") + (view.backfill() ? "*" : ""));
      });
      source.committed(piece);
    }
    return messages;
  }

  @Test
  void whatIsThereAtFirstIsHistory() throws Exception {
    try (JournalSource source = source(FOLLOWING, 10_000)) {
      source.open(List.of());
      assertThat(read(source, null, "c3")).containsExactly("one*", "two*", "three*");
    }
  }

  @Test
  void olderThanTheBudgetIsDeclared() throws Exception {
    try (JournalSource source = source(FOLLOWING, 110)) {
      source.open(List.of());
      assertThat(read(source, null, "c3")).containsExactly("two*", "three*", "gap");
    }
  }

  @Test
  void goesOnAfterItsCursorAndStillKnowsHistory() throws Exception {
    try (JournalSource source = source(FOLLOWING, 10_000)) {
      source.open(List.of(new PullSource.Standing("journal", "c1 c2")));
      assertThat(read(source, "c1 c2", "c3")).containsExactly("two*", "three");
    }
  }

  @Test
  void aJournalThatMayNotBeReadNamesTheCommandThatHelps() throws Exception {
    try (JournalSource source = source(
        "echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1\n", 10)) {
      assertThatThrownBy(() -> source.open(List.of()))
          .isInstanceOfSatisfying(SourceException.class, refused -> assertThat(refused.remedy())
              .startsWith("sudo usermod -aG systemd-journal vera"))
          .hasMessage("No journal files were opened due to insufficient permissions.");
    }
    JournalSource missing = new JournalSource(
        new JournalSource.Settings("journal", List.of("/no/journalctl"), 10, List.of()));
    assertThatThrownBy(() -> missing.open(List.of()))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining("/no/journalctl cannot be run");
  }

  /** Told to be quiet, journalctl names neither: it is asked again. */
  private static final String QUIET_UNLESS_ASKED = """
      case "$*" in
        *-q*) exit 0 ;;
        *) echo '%s' >&2; exit 1 ;;
      esac
      """;

  @Test
  void noJournalNoPermissionAndNoEntriesAreToldApart() throws Exception {
    assertThat(refusal(QUIET_UNLESS_ASKED.formatted("No journal files were found."), "root"))
        .hasMessage("there is no journal on this host: No journal files were found.")
        .extracting(SourceException::remedy)
        .isEqualTo("start systemd-journald, or name other sources in collector.sources");
    String denied = "No journal files were opened due to insufficient permissions.";
    assertThat(refusal(QUIET_UNLESS_ASKED.formatted(denied), "vera"))
        .hasMessage(denied)
        .extracting(SourceException::remedy)
        .isEqualTo("sudo usermod -aG systemd-journal vera (then log in again)");
    assertThat(refusal("exit 0\n", "vera"))
        .hasMessage("the journal has no entries that vera may read");
    assertThat(refusal("exit 0\n", "root"))
        .hasMessage("the journal has no entries")
        .extracting(SourceException::remedy)
        .isEqualTo("journalctl --verify (root may read every journal)");
  }

  private SourceException refusal(String script, String user) throws Exception {
    try (JournalSource source = source(script, 10, user)) {
      return catchThrowableOfType(SourceException.class, () -> source.open(List.of()));
    }
  }

  @Test
  void theTimeOfProcessingIsToldApart() throws Exception {
    try (JournalSource source = source(FOLLOWING, 10_000)) {
      source.open(List.of());
      Piece piece = null;
      long deadlineNs = System.nanoTime() + 30_000_000_000L;
      while (piece == null && System.nanoTime() < deadlineNs) {
        piece = source.next(1_800_000_000_000_000L);
      }
      assertThat(Objects.requireNonNull(piece).processUs()).isPositive();
    }
  }
}
