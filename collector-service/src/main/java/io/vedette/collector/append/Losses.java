package io.vedette.collector.append;

import io.vedette.model.GapRecord;
import io.vedette.model.RecordDraft;
import io.vedette.model.Times;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Losses that are not declared yet, summed by source and cause. Thread safe; bounded by {@link #MAX_KINDS}, beyond which they are summed under one name. */
public final class Losses {

  public static final int MAX_KINDS = 1_000;

  private static final String OTHERS = "others";

  private record Key(String source, String cause) {}

  private record Loss(long count, long fromUs, long toUs) {}

  private final Map<Key, Loss> losses = new LinkedHashMap<>();

  public synchronized void add(String source, String cause, long count, long nowUs) {
    add(source, cause, count, nowUs, nowUs);
  }

  public synchronized void add(String source, String cause, long count, long fromUs, long toUs) {
    Key key = new Key(losses.size() < MAX_KINDS ? source : OTHERS, cause);
    losses.merge(
        key,
        new Loss(count, fromUs, toUs),
        (one, more) -> new Loss(
            one.count < 0 || more.count < 0 ? -1 : one.count + more.count,
            Math.min(one.fromUs, more.fromUs),
            Math.max(one.toUs, more.toUs)));
  }

  public synchronized boolean isEmpty() {
    return losses.isEmpty();
  }

  /** Takes all losses as gap records. What could not be appended is to be added again. */
  public synchronized List<Declared> take(long nowUs) {
    List<Declared> declared = new ArrayList<>(losses.size());
    losses.forEach((key, loss) -> declared.add(new Declared(
        key.source,
        key.cause,
        loss.count,
        loss.fromUs,
        loss.toUs,
        GapRecord.of(
                key.source, loss.count, key.cause, Times.ofUs(loss.fromUs), Times.ofUs(loss.toUs))
            .toBuilder()
            .observedUs(nowUs)
            .build())));
    losses.clear();
    return declared;
  }

  public void putBack(List<Declared> declared) {
    declared.forEach(loss -> add(loss.source, loss.cause, loss.count, loss.fromUs, loss.toUs));
  }

  /** A loss as it is declared. */
  public record Declared(
      String source, String cause, long count, long fromUs, long toUs, RecordDraft gap) {}
}
