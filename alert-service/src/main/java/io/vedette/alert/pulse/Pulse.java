package io.vedette.alert.pulse;

import io.vedette.alert.lifecycle.Alert;
import io.vedette.alert.lifecycle.Change;
import io.vedette.alert.lifecycle.Fingerprint;
import io.vedette.alert.lifecycle.Posted;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Says that a trail is silent when no batch came for a while of wall time, and that it is over when they come again. Batches of the alert service itself do not count: the record of this very alert is
 * one. Pure and not thread safe; what it decides depends on the alert as it stands, so a decision that was not written is made again.
 */
public final class Pulse {
  public static final String ALERT = "TrailSilent";

  /** A look later than this says nothing about the time before it: this process was stopped, or the database away, and then nobody could append. */
  private static final long LOOK_US = 5_000_000;

  /** Batches come every second where all is well (a tick at least). A pause longer than this and the trail has not come back: single records of people who look around do not keep log time going. */
  private static final long PAUSE_US = 5_000_000;

  /** The alert ends by itself this long after its owner last said that it holds; said again at half of it. */
  private static final long HOLD_US = TimeUnit.MINUTES.toMicros(10);

  private final Duration limit;
  private final SortedMap<String, String> labels;
  private final SortedMap<String, String> annotations;
  private final String fingerprint;

  private long lookedUs;
  private long newest = -1;
  private long watchedUs;
  private long movedUs;
  private long runUs;

  public Pulse(int trail, Duration limit) {
    this.limit = limit;
    this.labels = new TreeMap<>();
    labels.put("alertname", ALERT);
    labels.put("severity", "critical");
    labels.put("trail", Integer.toString(trail));
    this.annotations = new TreeMap<>();
    annotations.put(
        "summary", "no batch has come into trail " + trail + " for " + limit.toSeconds() + " s");
    annotations.put(
        "description",
        "Log time stands still: no window closes and no rule is judged, absence included, until a collector appends again. Look whether one runs and reaches the database.");
    this.fingerprint = Fingerprint.of(labels);
  }

  public String fingerprint() {
    return fingerprint;
  }

  /**
   * What there is to say.
   *
   * @param newestBatch number of the newest batch that another than the alert service appended, 0 without one
   * @param current this alert as it stands
   */
  public Optional<Posted> look(long newestBatch, @Nullable Alert current, long nowUs) {
    boolean first = newest < 0;
    watchedUs += first ? 0 : Math.min(Math.max(0, nowUs - lookedUs), LOOK_US);
    lookedUs = nowUs;
    boolean holds = current != null && current.active();
    if (newestBatch != newest) {
      if (watchedUs - movedUs > PAUSE_US) {
        runUs = watchedUs;
      }
      newest = newestBatch;
      movedUs = watchedUs;
      return holds && watchedUs - runUs >= PAUSE_US
          ? Optional.of(posted(0, nowUs)) // an end that has come: it resolves
          : keep(current, holds, nowUs);
    }
    boolean silent = watchedUs - movedUs >= TimeUnit.MILLISECONDS.toMicros(limit.toMillis());
    return silent && !holds
        ? Optional.of(posted(nowUs - (watchedUs - movedUs), nowUs + HOLD_US))
        : keep(current, holds, nowUs);
  }

  private Optional<Posted> keep(@Nullable Alert current, boolean holds, long nowUs) {
    return holds && current != null && current.expiresUs() - nowUs < HOLD_US / 2
        ? Optional.of(posted(current.startsUs(), nowUs + HOLD_US))
        : Optional.empty();
  }

  private Posted posted(long startsUs, long endsUs) {
    return new Posted(labels, annotations, startsUs, endsUs, "", Change.VEDETTE);
  }
}
