package io.vedette.store.trail;

import io.vedette.model.GapRecord;
import io.vedette.model.RecordDraft;
import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.trail.AppendOutcome.Appended;
import io.vedette.trail.NoteSigner;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/** Declares that a trail was restored or shortened: what entries are left go on as a new incarnation under a new origin, which begins with a gap record. For the schema's owner. */
public final class Reopening {
  private static final String DECLARE =
      "UPDATE vedette.trail_incarnation SET declared = $3 WHERE trail = $1 AND epoch = $2";
  private static final String DECLARED =
      "SELECT declared FROM vedette.trail_incarnation WHERE trail = $1 AND declared IS NOT NULL ORDER BY ended_us";

  private final Database database;
  private final Appender appender;

  /** @param size entries left; the gap record has this index */
  public record Reopened(String epoch, String origin, long size) {}

  public Reopening(Database database, Appender appender) {
    this.database = database;
    this.appender = appender;
  }

  /**
   * In one transaction; consumers are told after it.
   *
   * @param from the trail as it was; if its incarnation is another one meanwhile, this is refused
   * @param old the key that signed it, which says so: whoever remembers the former incarnation goes by that
   * @param fresh the key that signs the new incarnation; its name is the new origin
   * @param signedSize what the last checkpoint known committed to, to say how much is lost; -1 where none is known
   * @param agreedSize the greatest checkpoint that the entries left were found to lead to
   */
  public Future<Reopened> reopen(
      Trail from,
      String epoch,
      NoteSigner old,
      NoteSigner fresh,
      String reason,
      long signedSize,
      long agreedSize) {
    String origin = fresh.name();
    return database
        .transaction(tx -> tx.preparedQuery(
                "SELECT size FROM vedette.reopen_trail($1, $2, $3, $4, $5, $6)")
            .execute(Tuple.of(
                from.trail(), from.epoch(), epoch, origin, fresh.verifier().vkey(), reason))
            .compose(rows -> {
              Row row = rows.iterator().next();
              long size = row.getLong(0);
              Succession said = new Succession(old.verifier(), fresh.verifier(), size, agreedSize);
              RecordDraft gap = gap(from, origin, reason, size, signedSize, agreedSize);
              return tx.preparedQuery(DECLARE)
                  .execute(Tuple.of(from.trail(), from.epoch(), said.sign(old).toString()))
                  .compose(done -> appender.appendWithin(tx, from.trail(), List.of(gap)))
                  .map(appended -> new Done(new Reopened(epoch, origin, size), appended));
            }))
        .map(done -> {
          appender.announce(done.appended().batch());
          return done.reopened();
        });
  }

  /** What was said whenever a trail was reopened: notes, to be believed as far as {@link Succession} does. */
  public static Future<List<String>> declared(Database database, int trail) {
    return database
        .pool()
        .preparedQuery(DECLARED)
        .execute(Tuple.of(trail))
        .map(rows -> rows.stream().map(row -> row.getString(0)).toList());
  }

  private record Done(Reopened reopened, Appended appended) {}

  private static RecordDraft gap(
      Trail from, String origin, String reason, long size, long signedSize, long agreedSize) {
    long lost = signedSize < 0 ? -1 : Math.max(0, signedSize - size);
    return GapRecord.of(from.origin(), lost, "trail reopened: " + reason, null, null).toBuilder()
        .observedUs(MicroClock.SYSTEM.nowUs())
        .attribute("epoch_ended", from.epoch())
        .attribute("origin_ended", from.origin())
        .attribute("origin", origin)
        .attribute("entries_left", size)
        .attribute("agrees_up_to", agreedSize)
        .build();
  }
}
