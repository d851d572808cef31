package io.vedette.edge.hub;

import io.vedette.edge.filter.Selector;
import io.vedette.edge.filter.Sieve;
import io.vedette.edge.protocol.Bodies;
import io.vedette.edge.protocol.Frame;
import io.vedette.edge.protocol.ServerFrames;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A topic of latest values by key. A value with an older (epoch, batch) never replaces a newer one. Every accepted value raises the version, so "what changed since v" serves snapshots, ticks and slow
 * sessions alike. Thread safe; bounded by keys, a new key past the bound is refused and counted.
 */
public final class StateTopic extends Topic {

  /** What changed after {@code since}, up to {@code version}. */
  record Changes(long since, long version, Frame frame) {}

  private record Value(
      String key,
      long epoch,
      long batch,
      long version,
      long touchedUs,
      byte[] json,
      Map<String, String> labels) {}

  /** A key that expired: its labels or, where it has none, its name, as JSON. */
  private record Gone(long version, byte[] json, Map<String, String> labels) {}

  /** A selector in use. Of what changed up to {@code askedVersion} it has been sent what it takes; the last time that there was some, was {@code sentVersion}. */
  private static final class Selected {
    final Selector selector;
    int holders;
    long askedVersion;
    long sentVersion;

    Selected(Selector selector, long version) {
      this.selector = selector;
      this.askedVersion = version;
      this.sentVersion = version;
    }
  }

  private static final int MAX_SELECTORS = 256;

  private final int maxKeys;
  /** In order of version, oldest first: a touched key moves to the end. */
  private final Map<String, Value> values = new LinkedHashMap<>();

  /** What changed since the last publication, oldest first; a key may come several times, its newest value is the one in {@code values}. */
  private final List<Value> recent = new ArrayList<>();

  /** What expired and has not come back, oldest first; who has not seen what was dropped of it gets a snapshot. */
  private final Map<String, Gone> gone = new LinkedHashMap<>();

  private long goneBefore;
  private @Nullable Changes snapshot;
  private final Map<String, Selected> selectors = new LinkedHashMap<>();
  private long version;
  private long publishedVersion;
  private long newestBatch;
  private long newestAtUs;
  private long refused;

  public StateTopic(String name, String kind, int maxKeys) {
    super(name, kind);
    this.maxKeys = maxKeys;
  }

  /** Takes a value; false when a newer one is known or there is no room. */
  public boolean apply(String key, long epoch, long batch, long atUs, long nowUs, byte[] json) {
    return apply(key, epoch, batch, atUs, nowUs, json, Map.of());
  }

  /** As above, for a value that selectors can find by its labels. */
  public synchronized boolean apply(
      String key,
      long epoch,
      long batch,
      long atUs,
      long nowUs,
      byte[] json,
      Map<String, String> labels) {
    Value before = values.get(key);
    if (before != null
        && (epoch < before.epoch() || (epoch == before.epoch() && batch < before.batch()))) {
      return false;
    }
    if (before == null && values.size() >= maxKeys) {
      refused++;
      return false;
    }
    values.remove(key);
    gone.remove(key);
    Value value = new Value(key, epoch, batch, ++version, nowUs, json, labels);
    values.put(key, value);
    if (recent.size() >= maxKeys) {
      recent.removeIf(older -> !isLatest(older));
    }
    recent.add(value);
    forgetSnapshot();
    newestBatch = Math.max(newestBatch, batch);
    newestAtUs = Math.max(newestAtUs, atUs);
    return true;
  }

  private boolean isLatest(Value value) {
    Value latest = values.get(value.key());
    return latest != null && latest.version() == value.version();
  }

  /** Forgets keys not touched since {@code beforeUs}; whether there were any, and so something to publish. */
  public synchronized boolean expire(long beforeUs) {
    boolean any = false;
    Iterator<Value> oldest = values.values().iterator();
    while (oldest.hasNext()) {
      Value value = oldest.next();
      if (value.touchedUs() >= beforeUs) {
        break;
      }
      oldest.remove();
      gone.put(value.key(), new Gone(++version, name(value), value.labels()));
      any = true;
    }
    if (any) {
      forgetSnapshot();
    }
    Iterator<Gone> longest = gone.values().iterator();
    while (gone.size() > maxKeys) {
      goneBefore = longest.next().version();
      longest.remove();
    }
    return any;
  }

  private static byte[] name(Value value) {
    return value.labels().isEmpty()
        ? ServerFrames.utf8(ServerFrames.quote(value.key()))
        : Bodies.write(json -> {
          json.writeStartObject();
          for (Map.Entry<String, String> label : value.labels().entrySet()) {
            json.writeStringField(label.getKey(), label.getValue());
          }
          json.writeEndObject();
        });
  }

  public synchronized int size() {
    return values.size();
  }

  /** Values refused for want of room since the last call. */
  public synchronized long takeRefused() {
    long taken = refused;
    refused = 0;
    return taken;
  }

  /** The selector to subscribe with, shared by all that say the same; null when there are too many different ones. Each answer is released once. */
  synchronized @Nullable Selector hold(Selector wanted) {
    Selected known = selectors.get(wanted.text());
    if (known == null) {
      if (selectors.size() >= MAX_SELECTORS) {
        return null;
      }
      known = new Selected(wanted, version);
      selectors.put(wanted.text(), known);
    }
    known.holders++;
    return known.selector;
  }

  @Override
  synchronized void release(Sieve sieve) {
    Selected known = selectors.get(((Selector) sieve).text());
    if (known != null && --known.holders == 0) {
      selectors.remove(known.selector.text());
    }
  }

  private record Publication(@Nullable Selector selector, Changes changes) {}

  /**
   * Sends what changed since the last call to every lane; what a selector takes only to who has it, and only if there is some.
   *
   * @param sinceUs when the oldest of it was committed or, where that is unknown, arrived
   */
  public void publishChanges(long sinceUs) {
    List<Publication> publications = new ArrayList<>();
    synchronized (this) {
      if (version == publishedVersion) {
        return;
      }
      if (!lanes().isEmpty()) {
        add(publications, null, changesSince(publishedVersion, null));
      }
      for (Selected selected : selectors.values()) {
        Changes changes = changesSince(selected.askedVersion, selected.selector);
        selected.askedVersion = version;
        if (changes != null) {
          add(
              publications,
              selected.selector,
              new Changes(selected.sentVersion, version, changes.frame()));
          selected.sentVersion = version;
        }
      }
      publishedVersion = version;
      recent.clear();
    }
    for (Publication publication : publications) {
      Changes changes = publication.changes();
      for (Lane lane : lanes()) {
        changes.frame().retain();
        lane.execute(() -> lane.deliver(this, publication.selector(), changes, sinceUs));
      }
      changes.frame().release();
    }
  }

  private static void add(
      List<Publication> publications, @Nullable Selector selector, @Nullable Changes changes) {
    if (changes != null) {
      publications.add(new Publication(selector, changes));
    }
  }

  /** Nobody is left whom the snapshot could serve again. */
  @Override
  synchronized void deserted() {
    forgetSnapshot();
  }

  private void forgetSnapshot() {
    if (snapshot != null) {
      snapshot.frame().release();
      snapshot = null;
    }
  }

  /**
   * One message with every value newer than {@code since} that the selector takes, or null when there is none; since 0 it is the snapshot, which may be empty and is made once for all that come while nothing
   * changes. The caller releases the frame.
   */
  synchronized @Nullable Changes changesSince(long since, @Nullable Selector selector) {
    if (version == since && since > 0) {
      return null;
    }
    if (since > 0 && since < goneBefore) {
      return made(0, selector);
    }
    if (since > 0 || selector != null || lanes().isEmpty()) {
      return made(since, selector);
    }
    Changes known = snapshot;
    if (known == null) {
      known = made(0, null);
      snapshot = known;
    }
    if (known != null) {
      known.frame().retain();
    }
    return known;
  }

  /** Ends the list of values and begins that of keys that are gone, where there are some. */
  private boolean expired(long since, @Nullable Selector selector, ByteArrayOutputStream body) {
    boolean any = false;
    for (Gone key : gone.values()) {
      if (key.version() > since && (selector == null || selector.matches(key.labels()))) {
        body.writeBytes(ServerFrames.utf8(any ? "," : "],\"expired\":["));
        body.writeBytes(key.json());
        any = true;
      }
    }
    return any;
  }

  private @Nullable Changes made(long since, @Nullable Selector selector) {
    ByteArrayOutputStream body = new ByteArrayOutputStream(256);
    body.writeBytes(ServerFrames.utf8("{\"name\":"
        + ServerFrames.quote(name().substring(name().indexOf('.') + 1))
        + ",\"batch\":"
        + newestBatch
        + ",\"atMs\":"
        + newestAtUs / 1000
        + ",\"snapshot\":"
        + (since == 0)
        + ",\"values\":["));
    boolean any = false;
    for (Value value : since >= publishedVersion && since > 0 ? recent : values.values()) {
      if (value.version() > since
          && isLatest(value)
          && (selector == null || selector.matches(value.labels()))) {
        if (any) {
          body.write(',');
        }
        body.writeBytes(value.json());
        any = true;
      }
    }
    boolean expired = since > 0 && expired(since, selector, body);
    if (!any && !expired && since > 0 && selector != null) {
      return null;
    }
    body.writeBytes(ServerFrames.utf8("]}"));
    return new Changes(
        since,
        version,
        new Frame(ServerFrames.rec(name(), "state:" + newestBatch, body.toByteArray())));
  }
}
