package io.vedette.store.analysis;

import io.vedette.model.Finding;
import io.vedette.model.Publication;
import io.vedette.store.Database;
import io.vedette.store.lease.Lease;
import io.vedette.store.lease.Leases;
import io.vedette.store.topic.Publications;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** State, panes and findings of the analysis partitions. Every write is fenced by the leases of the partitions it concerns. Any thread may call. */
public final class AnalysisStore {
  /** Topic of findings. */
  public static final String TOPIC = "findings";

  /** Kind of the leases of analysis partitions; their names are the numbers. */
  public static final String LEASE = "partition";

  private static final int MAX_EXPIRED = 5_000;

  private final Database database;
  private final Leases leases;
  private final Publications publications;

  public AnalysisStore(Database database) {
    this.database = database;
    this.leases = new Leases(database);
    this.publications = new Publications(database);
  }

  /** Stored states of these partitions; those never stored are missing. */
  public Future<List<PartitionRow>> partitions(int trail, Collection<Integer> partitions) {
    return database
        .pool()
        .preparedQuery("""
            SELECT partition, batch, at_us, timeline, findings, state FROM vedette.analysis_partition
            WHERE trail = $1 AND partition = ANY($2) ORDER BY partition""")
        .execute(Tuple.tuple().addValue(trail).addValue(partitions.toArray(Integer[]::new)))
        .map(rows -> {
          List<PartitionRow> found = new ArrayList<>(rows.size());
          for (Row row : rows) {
            found.add(new PartitionRow(
                trail,
                row.getInteger(0),
                row.getLong(1),
                row.getLong(2),
                row.getInteger(3),
                row.getLong(4),
                row.getBuffer(5).getBytes()));
          }
          return found;
        });
  }

  /** Blocks of a rule that hold panes of these partitions ending after an instant, oldest first. */
  public Future<List<List<KeyPanes>>> panes(
      int trail, int timeline, String ruleHash, long fromUs, Set<Integer> partitions) {
    long mask = 0;
    for (int partition : partitions) {
      mask |= 1L << partition;
    }
    return database
        .pool()
        .preparedQuery("""
            SELECT block FROM vedette.pane_block
            WHERE trail = $1 AND rule_hash = $2 AND timeline = $3 AND to_us > $4 AND partitions & $5 <> 0 ORDER BY id""")
        .execute(Tuple.of(trail, ruleHash, timeline, fromUs, mask))
        .map(rows -> {
          List<List<KeyPanes>> blocks = new ArrayList<>(rows.size());
          for (Row row : rows) {
            List<KeyPanes> keys =
                new ArrayList<>(PaneBlock.decode(row.getBuffer(0).getBytes()));
            keys.removeIf(key -> !partitions.contains(key.partition()));
            blocks.add(keys);
          }
          return blocks;
        });
  }

  /** Number of the first batch up to {@code last} that belongs to the timeline and has log time at or after an instant: where a replay begins. */
  public Future<Long> firstBatch(int trail, int timeline, long fromUs, long last) {
    return database
        .pool()
        .preparedQuery("""
            SELECT number FROM vedette.trail_batch
            WHERE trail = $1 AND number <= $2 AND (at_us < $3 OR timeline <> $4) ORDER BY number DESC LIMIT 1""")
        .execute(Tuple.of(trail, last, fromUs, timeline))
        .map(rows -> rows.size() == 0 ? 1 : rows.iterator().next().getLong(0) + 1);
  }

  /** Stores states and panes together, or nothing when one of the leases moved. */
  public Future<Void> save(
      int trail, Collection<Lease> held, List<PartitionRow> states, List<PaneBlockRow> blocks) {
    return database.transaction(tx -> leases
        .fence(tx, held)
        .compose(fenced -> saveStates(tx, trail, states))
        .compose(saved -> saveBlocks(tx, trail, states, blocks)));
  }

  private static Future<Void> saveStates(SqlConnection tx, int trail, List<PartitionRow> states) {
    return tx.preparedQuery("""
            INSERT INTO vedette.analysis_partition AS p (trail, partition, batch, at_us, timeline, findings, state)
            SELECT $1, s.partition, s.batch, s.at_us, s.timeline, s.findings, s.state
            FROM unnest($2::int[], $3::bigint[], $4::bigint[], $5::int[], $6::bigint[], $7::bytea[])
              AS s (partition, batch, at_us, timeline, findings, state) ORDER BY s.partition
            ON CONFLICT (trail, partition) DO UPDATE SET batch = excluded.batch, at_us = excluded.at_us, timeline = excluded.timeline,
              findings = excluded.findings, state = excluded.state""")
        .execute(Tuple.tuple()
            .addValue(trail)
            .addValue(states.stream().map(PartitionRow::partition).toArray(Integer[]::new))
            .addValue(states.stream().map(PartitionRow::batch).toArray(Long[]::new))
            .addValue(states.stream().map(PartitionRow::atUs).toArray(Long[]::new))
            .addValue(states.stream().map(PartitionRow::timeline).toArray(Integer[]::new))
            .addValue(states.stream().map(PartitionRow::findings).toArray(Long[]::new))
            .addValue(
                states.stream().map(state -> Buffer.buffer(state.state())).toArray(Buffer[]::new)))
        .mapEmpty();
  }

  private static Future<Void> saveBlocks(
      SqlConnection tx, int trail, List<PartitionRow> states, List<PaneBlockRow> blocks) {
    if (blocks.isEmpty()) {
      return Future.succeededFuture();
    }
    long batch = states.stream().mapToLong(PartitionRow::batch).max().orElse(0);
    List<Tuple> rows = new ArrayList<>(blocks.size());
    for (PaneBlockRow block : blocks) {
      rows.add(Tuple.tuple()
          .addValue(trail)
          .addValue(block.rule())
          .addValue(block.ruleHash())
          .addValue(block.timeline())
          .addValue(block.paneUs())
          .addValue(block.fromUs())
          .addValue(block.toUs())
          .addValue(batch)
          .addValue(block.partitions())
          .addValue(Buffer.buffer(PaneBlock.encode(block.paneUs(), block.keys()))));
    }
    return tx.preparedQuery("""
            INSERT INTO vedette.pane_block (trail, rule, rule_hash, timeline, pane_us, from_us, to_us, batch, partitions, block)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""").executeBatch(rows).mapEmpty();
  }

  /** Stores findings and publishes those that are new: a finding found again after a recovery is there already. The caller sends the publications on the bus. */
  public Future<List<Publication>> raise(Collection<Lease> held, List<Finding> findings) {
    int trail = findings.get(0).trail();
    List<byte[]> bodies = findings.stream().map(FindingJson::write).toList();
    return database.transaction(tx -> leases
        .fence(tx, held)
        .compose(fenced -> insert(tx, trail, findings, bodies))
        .compose(fresh -> publish(tx, findings, bodies, fresh)));
  }

  /** PostgreSQL's text holds no U+0000, which a sender may well put into what a rule groups by; the body keeps it. Different keys stay different. */
  private static String keyText(Finding finding) {
    return finding.key().toString().replace("\\", "\\\\").replace("\u0000", "\\0");
  }

  private record Place(int partition, long number) {}

  private static Future<Set<Place>> insert(
      SqlConnection tx, int trail, List<Finding> findings, List<byte[]> bodies) {
    return tx.preparedQuery("""
            INSERT INTO vedette.finding (trail, partition, number, revision, rule, key, transition, batch, at_us, body)
            SELECT $1, f.* FROM unnest($2::int[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::bytea[]) AS f
            ON CONFLICT DO NOTHING RETURNING partition, number""")
        .execute(Tuple.tuple()
            .addValue(trail)
            .addValue(findings.stream().map(Finding::partition).toArray(Integer[]::new))
            .addValue(findings.stream().map(Finding::number).toArray(Long[]::new))
            .addValue(findings.stream().map(Finding::revision).toArray(Long[]::new))
            .addValue(findings.stream().map(Finding::rule).toArray(String[]::new))
            .addValue(findings.stream().map(AnalysisStore::keyText).toArray(String[]::new))
            .addValue(findings.stream()
                .map(finding -> finding.transition().name().toLowerCase(Locale.ROOT))
                .toArray(String[]::new))
            .addValue(findings.stream().map(Finding::batch).toArray(Long[]::new))
            .addValue(findings.stream().map(Finding::atUs).toArray(Long[]::new))
            .addValue(bodies.stream().map(Buffer::buffer).toArray(Buffer[]::new)))
        .map(rows -> {
          Set<Place> fresh = new HashSet<>();
          for (Row row : rows) {
            fresh.add(new Place(row.getInteger(0), row.getLong(1)));
          }
          return fresh;
        });
  }

  private Future<List<Publication>> publish(
      SqlConnection tx, List<Finding> findings, List<byte[]> bodies, Set<Place> fresh) {
    Future<List<Publication>> published = Future.succeededFuture(new ArrayList<>());
    for (int i = 0; i < findings.size(); i++) {
      Finding finding = findings.get(i);
      byte[] body = bodies.get(i);
      if (fresh.contains(new Place(finding.partition(), finding.number()))) {
        published = published.compose(sent -> publications
            .publish(tx, finding.trail(), TOPIC, body, finding.stamps())
            .map(publication -> {
              sent.add(publication);
              return sent;
            }));
      }
    }
    return published;
  }

  /** Deletes panes and findings that ended before an instant, at most 5,000 of each; answers how many. */
  public Future<Integer> expire(int trail, long panesBeforeUs, long findingsBeforeUs) {
    Future<Integer> panes = database
        .pool()
        .preparedQuery("""
                DELETE FROM vedette.pane_block WHERE trail = $1 AND id IN
                  (SELECT id FROM vedette.pane_block WHERE trail = $1 AND to_us < $2 ORDER BY to_us LIMIT $3)""")
        .execute(Tuple.of(trail, panesBeforeUs, MAX_EXPIRED))
        .map(rows -> rows.rowCount());
    return panes.compose(gone -> database
        .pool()
        .preparedQuery("""
                    DELETE FROM vedette.finding WHERE trail = $1 AND (partition, number) IN
                      (SELECT partition, number FROM vedette.finding WHERE trail = $1 AND at_us < $2 ORDER BY at_us LIMIT $3)""")
        .execute(Tuple.of(trail, findingsBeforeUs, MAX_EXPIRED))
        .map(rows -> gone + rows.rowCount()));
  }
}
