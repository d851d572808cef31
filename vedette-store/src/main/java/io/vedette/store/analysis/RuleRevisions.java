package io.vedette.store.analysis;

import io.vedette.model.Outcome;
import io.vedette.model.RecordDraft;
import io.vedette.store.Database;
import io.vedette.store.trail.AppendOutcome.Appended;
import io.vedette.store.trail.Appender;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Rules in force, numbered. A revision, its record and the batch it holds from come in one transaction. Any thread may call. */
public final class RuleRevisions {
  /** Action of the record that puts a revision in force. */
  public static final String ACTION = "rules.apply";

  private static final String COLUMNS =
      "revision, valid_from, created_us, author, comment, hash, files";

  private final Database database;
  private final Appender appender;

  public RuleRevisions(Database database, Appender appender) {
    this.database = database;
    this.appender = appender;
  }

  /**
   * What was put in force.
   *
   * @param changed false when these rules were in force already
   */
  public record Applied(RuleRevision revision, boolean changed) {}

  /** Revisions after a number, oldest first. */
  public Future<List<RuleRevision>> after(int trail, long revision) {
    return database
        .pool()
        .preparedQuery("SELECT "
            + COLUMNS
            + " FROM vedette.rule_revision WHERE trail = $1 AND revision > $2 ORDER BY revision")
        .execute(Tuple.of(trail, revision))
        .map(rows -> {
          List<RuleRevision> revisions = new ArrayList<>(rows.size());
          for (Row row : rows) {
            revisions.add(revision(trail, row));
          }
          return revisions;
        });
  }

  /** Imports rules where there are none yet; else answers what is in force. */
  public Future<Applied> importFirst(
      int trail, SortedMap<String, String> files, String hash, long atUs) {
    return apply(trail, files, hash, "vedette", "imported at the first start", atUs, true);
  }

  /** Makes these rules the ones in force, unless they are. The files have been checked by the caller. */
  public Future<Applied> apply(
      int trail,
      SortedMap<String, String> files,
      String hash,
      String author,
      String comment,
      long atUs) {
    return apply(trail, files, hash, author, comment, atUs, false);
  }

  private record Committed(Applied applied, List<Appended> appended) {}

  private Future<Applied> apply(
      int trail,
      SortedMap<String, String> files,
      String hash,
      String author,
      String comment,
      long atUs,
      boolean firstOnly) {
    return database
        .transaction(tx -> tx.query("LOCK TABLE vedette.rule_revision IN SHARE ROW EXCLUSIVE MODE")
            .execute()
            .compose(locked -> newest(tx, trail))
            .compose(newest -> {
              boolean keep =
                  !newest.isEmpty() && (firstOnly || newest.get(0).hash().equals(hash));
              if (keep) {
                return Future.succeededFuture(
                    new Committed(new Applied(newest.get(0), false), List.of()));
              }
              long number = newest.isEmpty() ? 1 : newest.get(0).revision() + 1;
              RuleRevision next =
                  new RuleRevision(trail, number, 0, atUs, author, comment, hash, files);
              return insert(tx, next);
            }))
        .map(committed -> {
          committed.appended().forEach(appended -> appender.announce(appended.batch()));
          return committed.applied();
        });
  }

  private static Future<List<RuleRevision>> newest(SqlConnection tx, int trail) {
    return tx.preparedQuery("SELECT "
            + COLUMNS
            + " FROM vedette.rule_revision WHERE trail = $1 ORDER BY revision DESC LIMIT 1")
        .execute(Tuple.of(trail))
        .map(rows -> rows.size() == 0
            ? List.of()
            : List.of(revision(trail, rows.iterator().next())));
  }

  private Future<Committed> insert(SqlConnection tx, RuleRevision next) {
    JsonObject files = new JsonObject();
    next.files().forEach(files::put);
    RecordDraft record = RecordDraft.builder()
        .kind("rules")
        .action(ACTION)
        .actor(next.author())
        .target("rules")
        .outcome(Outcome.SUCCESS)
        .observedUs(next.createdUs())
        .attribute("revision", next.revision())
        .attribute("hash", next.hash())
        .attribute("comment", next.comment())
        .build();
    return tx.preparedQuery(
            "INSERT INTO vedette.rule_revision (trail, revision, valid_from, created_us, author, comment, hash, files) VALUES ($1, $2, 0, $3, $4, $5, $6, $7)")
        .execute(Tuple.tuple()
            .addValue(next.trail())
            .addValue(next.revision())
            .addValue(next.createdUs())
            .addValue(next.author())
            .addValue(next.comment())
            .addValue(next.hash())
            .addValue(files))
        .compose(inserted -> appender.appendWithin(tx, next.trail(), List.of(record)))
        .compose(appended ->
            // Our own row, locked by its insertion: no new lock is taken after the trail's.
            tx.preparedQuery(
                    "UPDATE vedette.rule_revision SET valid_from = $3 WHERE trail = $1 AND revision = $2")
                .execute(
                    Tuple.of(next.trail(), next.revision(), appended.batch().number()))
                .map(updated -> new Committed(
                    new Applied(
                        new RuleRevision(
                            next.trail(),
                            next.revision(),
                            appended.batch().number(),
                            next.createdUs(),
                            next.author(),
                            next.comment(),
                            next.hash(),
                            next.files()),
                        true),
                    List.of(appended))));
  }

  private static RuleRevision revision(int trail, Row row) {
    SortedMap<String, String> files = new TreeMap<>();
    for (Map.Entry<String, Object> file : row.getJsonObject(6)) {
      files.put(file.getKey(), String.valueOf(file.getValue()));
    }
    return new RuleRevision(
        trail,
        row.getLong(0),
        row.getLong(1),
        row.getLong(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        files);
  }
}
