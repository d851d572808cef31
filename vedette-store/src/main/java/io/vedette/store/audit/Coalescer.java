package io.vedette.store.audit;

import io.vedette.model.Outcome;
import io.vedette.model.RecordDraft;
import io.vedette.model.Severity;
import io.vedette.model.Times;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Of the same read by the same actor with the same outcome the first is a record, and the others within a minute are one more that counts them. Not thread safe; remembers at most a given number of
 * reads: one more ends the oldest minute early, so that nothing goes uncounted.
 */
final class Coalescer {
  static final long WINDOW_US = 60_000_000;
  static final String KIND = "audit";

  /** A record, and how many acts it tells of. */
  record Counted(RecordDraft draft, long acts) {}

  private static final class Window {
    final Act first;
    final long startUs;
    long lastUs;
    long repeats;

    Window(Act first, long startUs) {
      this.first = first;
      this.startUs = startUs;
      this.lastUs = startUs;
    }
  }

  private final int most;
  private final Map<Act.Key, Window> windows = new LinkedHashMap<>(); // oldest first

  Coalescer(int most) {
    this.most = most;
  }

  /** What has to be written because of this read: nothing, or a record, after the counts of what had to make room. */
  List<Counted> read(Act act, long nowUs) {
    Act.Key key = act.key();
    Window open = windows.get(key);
    if (open != null && nowUs - open.startUs < WINDOW_US) {
      open.repeats++;
      open.lastUs = nowUs;
      return List.of();
    }
    List<Counted> drafts = new ArrayList<>();
    if (open != null) {
      windows.remove(key);
      close(open, drafts);
    }
    Iterator<Window> oldest = windows.values().iterator();
    while (windows.size() >= most && oldest.hasNext()) {
      close(oldest.next(), drafts);
      oldest.remove();
    }
    windows.put(key, new Window(act, nowUs));
    drafts.add(new Counted(draft(act, nowUs).build(), 1));
    return drafts;
  }

  /** The counts of the minutes that are over by now. */
  List<Counted> over(long nowUs) {
    List<Counted> drafts = new ArrayList<>();
    Iterator<Window> oldest = windows.values().iterator();
    while (oldest.hasNext()) {
      Window window = oldest.next();
      if (nowUs >= window.startUs && nowUs - window.startUs < WINDOW_US) {
        break;
      }
      close(window, drafts);
      oldest.remove();
    }
    return drafts;
  }

  /** All counts: this ends. */
  List<Counted> end() {
    List<Counted> drafts = new ArrayList<>();
    windows.values().forEach(window -> close(window, drafts));
    windows.clear();
    return drafts;
  }

  int open() {
    return windows.size();
  }

  private static void close(Window window, List<Counted> drafts) {
    if (window.repeats > 0) {
      RecordDraft draft = draft(window.first, window.lastUs)
          .attribute("repeats", window.repeats)
          .attribute("since", Times.ofUs(window.startUs))
          .attribute("until", Times.ofUs(window.lastUs))
          .build();
      drafts.add(new Counted(draft, window.repeats));
    }
  }

  static RecordDraft.Builder draft(Act act, long nowUs) {
    RecordDraft.Builder draft = RecordDraft.builder()
        .kind(KIND)
        .actor(act.actor())
        .action(act.action())
        .target(act.target())
        .outcome(act.outcome())
        .severity(act.outcome() == Outcome.SUCCESS ? Severity.INFO : Severity.WARN)
        .observedUs(nowUs);
    if (!act.origin().isEmpty()) {
      draft.origin(act.origin());
    }
    new TreeMap<>(act.details()).forEach(draft::attribute);
    return draft;
  }
}
