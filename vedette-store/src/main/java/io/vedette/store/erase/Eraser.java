package io.vedette.store.erase;

import io.vedette.model.Outcome;
import io.vedette.model.RecordDraft;
import io.vedette.model.RecordView;
import io.vedette.model.Severity;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.trail.AppendOutcome.Appended;
import io.vedette.store.trail.Appender;
import io.vedette.store.trail.StorageSpace;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Erases records, in acts of at most {@value #MAX_RECORDS}: each act takes payloads and salts out of the tables, what quotes them out of what was derived, and appends the record that names them, in
 * one transaction. Then it has the tables written anew, or leaves that to the next run of a {@link Purger}. Any thread may call; holds one page of records and the texts of one act at a time.
 */
public final class Eraser {
  public static final String KIND = "trail.erase";
  public static final String ACTION = "record.erase";

  /** Indices of an act fit into a record of some 20 KB. */
  static final int MAX_RECORDS = 1_000;

  private static final Logger log = LoggerFactory.getLogger(Eraser.class);

  /** Characters of texts per act: what one statement compares every derived row with. */
  private static final long MAX_TEXT = 2_000_000;

  private static final int PAGE = 50; // of records up to 1 MiB
  private static final long WINDOW = 200_000; // indices per statement: well within its time limit

  private static final String SCAN = """
      SELECT index, canonical FROM vedette.record r WHERE trail = $1 AND index >= $2 AND index < $3
        AND NOT EXISTS (SELECT FROM unnest($4::bytea[]) AS n (bytes) WHERE position(n.bytes IN r.canonical) = 0)
      ORDER BY index LIMIT $5""";

  /** Records in which Vedette says what became of an alert: the predicate of the index record_alert. */
  private static final String SAID = """
      SELECT index, canonical FROM vedette.record WHERE trail = $1 AND index >= $2 AND index < $3
        AND substring(canonical FROM 1 FOR 17) IN ('{"action":"alert.'::bytea, '{"action":"notifi'::bytea)
      ORDER BY index LIMIT $4""";

  private static final long SAID_WINDOW = 2_000_000; // they are found by their index

  /** For one table, while somebody waits for the answer. */
  private static final Duration PURGE_LIMIT = Duration.ofSeconds(30);

  /** After it no further table is begun. */
  private static final Duration BEGIN_LIMIT = Duration.ofSeconds(60);

  private static final int WAL_SEGMENTS = 80;

  private final Database database;
  private final Appender appender;
  private final Purger purger;

  public Eraser(Database database, Appender appender) {
    this(database, appender, StorageSpace.elsewhere());
  }

  /** @param space where the database lies */
  public Eraser(Database database, Appender appender, StorageSpace space) {
    this(database, appender, new Purger(database, space));
  }

  Eraser(Database database, Appender appender, Purger purger) {
    this.database = database;
    this.appender = appender;
    this.purger = purger;
  }

  /** One wish being fulfilled; touched by one callback at a time. */
  private static final class Job {
    final int trail;
    final String actor;
    final Wish wish;
    final long size;
    final long partitionSize;
    final List<Long> erased = new ArrayList<>();
    final List<Long> acts = new ArrayList<>();
    final Map<String, Long> derived = new TreeMap<>();
    final Set<String> tables = new TreeSet<>();

    Job(int trail, String actor, Wish wish, long size, long partitionSize) {
      this.trail = trail;
      this.actor = actor;
      this.wish = wish;
      this.size = size;
      this.partitionSize = partitionSize;
    }
  }

  /** The records of one act. */
  private static final class Act {
    final Set<Long> indices = new LinkedHashSet<>();
    final List<String> sources = new ArrayList<>();
    final List<Long> sequences = new ArrayList<>();
    final Set<String> texts = new LinkedHashSet<>();
    List<Wish.Range> ranges = List.of(); // of what was asked for, when all of it is known
    final Set<String> alerts = new HashSet<>(); // fingerprints of those raised by these records
    long characters;

    /** The same texts and alerts, with no records yet. */
    Act without() {
      Act next = new Act();
      next.texts.addAll(texts);
      next.ranges = ranges;
      next.alerts.addAll(alerts);
      return next;
    }

    boolean isFull() {
      return indices.size() >= MAX_RECORDS || characters >= MAX_TEXT;
    }

    void take(long index, RecordView record) {
      indices.add(index);
      if (record.sequence() > 0) {
        sources.add(record.source());
        sequences.add(record.sequence());
      }
      Set<String> said = new LinkedHashSet<>();
      Texts.collect(record, said);
      for (String text : said) {
        if (texts.add(text)) {
          characters += text.length();
        }
      }
    }
  }

  /** Erases what was appended until now. When it fails half-way, the acts before stand; the same wish again goes on. */
  public Future<Erased> erase(int trail, String actor, Wish wish) {
    return database
        .pool()
        .preparedQuery("SELECT size, partition_size FROM vedette.trail_head WHERE trail = $1")
        .execute(Tuple.of(trail))
        .compose(rows -> {
          if (rows.size() == 0) {
            return Future.failedFuture(
                new IllegalStateException("trail " + trail + " does not exist"));
          }
          Row head = rows.iterator().next();
          Job job = new Job(trail, actor, wish, head.getLong(0), head.getLong(1));
          List<Wish.Range> ranges = wish.ranges().isEmpty()
              ? List.of(new Wish.Range(0, Math.max(0, job.size - 1)))
              : wish.ranges();
          Future<Void> done = Future.succeededFuture();
          for (Wish.Range range : ranges) {
            done = done.compose(before -> scan(job, range.first(), range.last() + 1, new Act()));
          }
          return done.compose(all -> finish(job));
        });
  }

  private Future<Void> scan(Job job, long from, long rangeEnd, Act act) {
    long end = Math.min(rangeEnd, job.size);
    if (from >= end) {
      return perform(job, act);
    }
    long windowEnd = Math.min(end, from + WINDOW);
    Buffer[] needles =
        job.wish.filter().needles().stream().map(Buffer::buffer).toArray(Buffer[]::new);
    return database
        .pool()
        .preparedQuery(SCAN)
        .execute(Tuple.of(job.trail, from, windowEnd, needles, PAGE))
        .compose(rows -> {
          long next = rows.size() < PAGE ? windowEnd : from;
          for (Row row : rows) {
            next = Math.max(next, row.getLong(0) + 1);
            RecordView record = new RecordView(row.getBuffer(1).getBytes());
            if (job.wish.filter().matches(record) && mayGo(job, record)) {
              act.take(row.getLong(0), record);
            }
          }
          long on = next;
          return act.isFull()
              ? perform(job, act).compose(done -> scan(job, on, rangeEnd, new Act()))
              : scan(job, on, rangeEnd, act);
        });
  }

  /** A filter passes over the records of what was done to the trail itself; to name one is refused by the database. */
  private static boolean mayGo(Job job, RecordView record) {
    String kind = record.text("kind");
    boolean isAct =
        kind != null && kind.startsWith("trail.") && Appender.OWN_SOURCE.equals(record.source());
    return !isAct || job.wish.filter().isEmpty();
  }

  private Future<Void> perform(Job job, Act act) {
    if (act.indices.isEmpty()) {
      return Future.succeededFuture();
    }
    for (String value : job.wish.filter().values()) {
      Texts.add(value, act.texts);
    }
    act.ranges = ranges(act.indices);
    return quoting(job, act, act.ranges.get(0).first(), new ArrayList<>())
        .compose(own -> commit(job, act, own));
  }

  /** Records of our own that quote what goes, from an index on; at most {@value #MAX_RECORDS}. */
  private Future<List<Long>> quoting(Job job, Act act, long from, List<Long> found) {
    long end = Math.min(job.size, from + SAID_WINDOW);
    if (from >= job.size || found.size() >= MAX_RECORDS) {
      return Future.succeededFuture(found);
    }
    return database
        .pool()
        .preparedQuery(SAID)
        .execute(Tuple.of(job.trail, from, end, PAGE))
        .compose(rows -> {
          long next = rows.size() < PAGE ? end : from;
          for (Row row : rows) {
            next = Math.max(next, row.getLong(0) + 1);
            RecordView record = new RecordView(row.getBuffer(1).getBytes());
            if (!act.indices.contains(row.getLong(0))
                && found.size() < MAX_RECORDS
                && Quotes.quotes(record, act.ranges, act.texts, act.alerts)) {
              found.add(row.getLong(0));
            }
          }
          return quoting(job, act, next, found);
        });
  }

  private Future<Void> commit(Job job, Act act, List<Long> own) {
    act.indices.addAll(own);
    return database
        .transaction(tx -> within(tx, job, act))
        .map(done -> {
          if (done != null) {
            appender.announce(done.batch());
            job.acts.add(done.batch().firstIndex());
          }
          return null;
        })
        .compose(done -> own.size() < MAX_RECORDS
            ? Future.succeededFuture()
            : quoting(job, act, act.ranges.get(0).first(), new ArrayList<>())
                .compose(more ->
                    more.isEmpty() ? Future.succeededFuture() : commit(job, act.without(), more)));
  }

  private Future<Appended> within(SqlConnection tx, Job job, Act act) {
    return tx.preparedQuery("SELECT index, retention_class FROM vedette.erase_records($1, $2)")
        .execute(Tuple.of(job.trail).addValue(act.indices.toArray(Long[]::new)))
        .compose(rows -> {
          List<Long> gone = new ArrayList<>();
          Set<String> partitions = new TreeSet<>();
          for (Row row : rows) {
            long index = row.getLong(0);
            gone.add(index);
            partitions.add(
                "record_c" + row.getShort(1) + "_t" + job.trail + "_p" + index / job.partitionSize);
          }
          if (gone.isEmpty()) {
            return Future.succeededFuture(); // another erasure was faster
          }
          List<Wish.Range> ranges = ranges(gone);
          job.erased.addAll(gone);
          return unquote(tx, job, act, ranges)
              .compose(done ->
                  appender.appendWithin(tx, job.trail, List.of(draft(job, ranges, gone.size()))))
              .compose(appended -> leave(tx, job, partitions).map(appended));
        });
  }

  /** What has to be written anew: where it was erased, whatever may have quoted it before, and where an append was rolled back. After the append, which finds the latter. */
  private static Future<Void> leave(SqlConnection tx, Job job, Set<String> partitions) {
    return tx.preparedQuery("SELECT place FROM vedette.leave_rests($1, $2, $3)")
        .execute(Tuple.of(job.trail)
            .addValue(partitions.toArray(String[]::new))
            .addBoolean(job.wish.purge()))
        .map(rows -> {
          rows.forEach(row -> job.tables.add(row.getString(0)));
          return null;
        });
  }

  private static Future<Void> unquote(SqlConnection tx, Job job, Act act, List<Wish.Range> ranges) {
    List<Buffer> needles = new ArrayList<>();
    job.wish.filter().values().forEach(value -> needles.add(Buffer.buffer(value)));
    return tx.preparedQuery(
            "SELECT place, touched FROM vedette.erase_quotes($1, $2, $3, $4, $5, $6, $7)")
        .execute(Tuple.of(
                job.trail,
                ranges.stream().map(Wish.Range::first).toArray(Long[]::new),
                ranges.stream().map(Wish.Range::last).toArray(Long[]::new),
                act.sources.toArray(String[]::new),
                act.sequences.toArray(Long[]::new))
            .addValue(needles.toArray(Buffer[]::new))
            .addValue(act.texts.toArray(String[]::new)))
        .map(rows -> {
          for (Row row : rows) {
            if (row.getLong(1) > 0) {
              job.derived.merge(row.getString(0), row.getLong(1), Long::sum);
            }
          }
          return null;
        });
  }

  private static RecordDraft draft(Job job, List<Wish.Range> ranges, int count) {
    return RecordDraft.builder()
        .kind(KIND)
        .action(ACTION)
        .actor(job.actor)
        .target("trail " + job.trail)
        .outcome(Outcome.SUCCESS)
        .severity(Severity.WARN)
        .observedUs(MicroClock.SYSTEM.nowUs())
        .message((count == 1 ? "1 record" : count + " records") + " erased")
        .attribute("reason", job.wish.reason())
        .attribute(
            "ranges",
            ranges.stream().map(range -> List.of(range.first(), range.last())).toList())
        .attribute("count", count)
        .build();
  }

  /** Neighbours as one range. */
  static List<Wish.Range> ranges(Collection<Long> indices) {
    List<Wish.Range> ranges = new ArrayList<>();
    long first = -1;
    long last = -2;
    for (long index : new TreeSet<>(indices)) {
      if (index == last + 1) {
        last = index;
        continue;
      }
      if (first >= 0) {
        ranges.add(new Wish.Range(first, last));
      }
      first = index;
      last = index;
    }
    if (first >= 0) {
      ranges.add(new Wish.Range(first, last));
    }
    return ranges;
  }

  private Future<Erased> finish(Job job) {
    if (job.tables.isEmpty()) {
      return Future.succeededFuture(erased(job, true, false, ""));
    }
    if (!job.wish.purge()) {
      return Future.succeededFuture(erased(job, false, false, Erased.NOT_ASKED));
    }
    return purger
        .run(job.tables::contains, PURGE_LIMIT, BEGIN_LIMIT, WAL_SEGMENTS)
        .map(report -> {
          List<String> problems = new ArrayList<>();
          tablesByReason(report.waiting())
              .forEach((why, tables) -> problems.add(
                  String.join(", ", tables) + ": " + why + "; tried again every minute"));
          switch (report.wal()) {
            case MORE ->
              problems.add("the write-ahead log is overwritten bit by bit, within the hour");
            case KEPT ->
              problems.add(
                  "the server keeps older segments of the write-ahead log back (a replication slot, wal_keep_size, an archive that is behind): overwritten once it lets them go; tried again every minute");
            case FORBIDDEN ->
              problems.add(
                  "the write-ahead log goes as the server comes round: its owner may not overwrite it");
            case DONE -> {
              // nothing to say
            }
          }
          return erased(
              job,
              report.waiting().isEmpty(),
              report.wal() == Purger.Wal.DONE,
              String.join("; ", problems));
        })
        .otherwise(failure -> {
          log.warn("erased, but not purged tables={} cause={}", job.tables, failure.toString());
          return erased(job, false, false, failure.getMessage() + "; tried again every minute");
        });
  }

  private static Map<String, List<String>> tablesByReason(Map<String, String> waiting) {
    Map<String, List<String>> tables = new LinkedHashMap<>();
    new TreeMap<>(waiting)
        .forEach((table, why) ->
            tables.computeIfAbsent(why, none -> new ArrayList<>()).add(table));
    return tables;
  }

  private static Erased erased(Job job, boolean purged, boolean forgotten, String problem) {
    return new Erased(
        job.erased.size(),
        ranges(job.erased),
        job.acts,
        job.derived,
        List.copyOf(job.tables),
        purged,
        forgotten,
        problem);
  }
}
