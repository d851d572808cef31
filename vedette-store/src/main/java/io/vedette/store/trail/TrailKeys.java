package io.vedette.store.trail;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** The public keys of a trail's signers, kept beside it so that readers can hand them out. Whoever trusts them by that alone trusts the database: a key is to be held elsewhere. */
public final class TrailKeys {
  private final Database database;

  /**
   * @param vkey C2SP {@code signed-note}: {@code <name>+<key id>+<base64>}
   * @param signing whether the newest checkpoint is signed with it; else it signed earlier ones
   */
  public record TrailKey(String vkey, String origin, boolean signing, long addedUs) {}

  public TrailKeys(Database database) {
    this.database = database;
  }

  /** Says who signs from now on. False, and nothing changed, where none of these keys is the trail's: the first keys of an origin are taken as they are, later ones need one that signed until now. */
  public Future<Boolean> put(int trail, String origin, List<String> vkeys) {
    return database
        .pool()
        .preparedQuery("SELECT vedette.put_trail_keys($1, $2, $3)")
        .execute(Tuple.of(trail, origin, vkeys.toArray(String[]::new)))
        .map(rows -> rows.iterator().next().getBoolean(0));
  }

  /** All keys of the trail, those that sign now first, then the newest. */
  public Future<List<TrailKey>> list(int trail) {
    return database
        .pool()
        .preparedQuery(
            "SELECT vkey, origin, signing, added_us FROM vedette.trail_key WHERE trail = $1"
                + " ORDER BY signing DESC, added_us DESC, vkey")
        .execute(Tuple.of(trail))
        .map(rows -> {
          List<TrailKey> keys = new ArrayList<>();
          for (Row row : rows) {
            keys.add(new TrailKey(
                row.getString(0), row.getString(1), row.getBoolean(2), row.getLong(3)));
          }
          return keys;
        });
  }
}
