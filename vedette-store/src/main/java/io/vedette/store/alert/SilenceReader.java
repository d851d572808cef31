package io.vedette.store.alert;

import io.vedette.store.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads silences; any service may. */
public final class SilenceReader {
  private static final String COLUMNS =
      "SELECT trail, id, starts_us, ends_us, updated_us, json FROM vedette.silence ";
  private final Database database;

  public SilenceReader(Database database) {
    this.database = database;
  }

  /** Silences that end after {@code afterUs} (0 for all), the one that ends last first. */
  public Future<List<SilenceRow>> endingAfter(int trail, long afterUs, int limit) {
    return database
        .pool()
        .preparedQuery(
            COLUMNS + "WHERE trail = $1 AND ends_us > $2 ORDER BY ends_us DESC, id LIMIT $3")
        .execute(Tuple.of(trail, afterUs, limit))
        .map(SilenceReader::rows);
  }

  public Future<Optional<SilenceRow>> byId(int trail, String id) {
    return database
        .pool()
        .preparedQuery(COLUMNS + "WHERE trail = $1 AND id = $2")
        .execute(Tuple.of(trail, id))
        .map(rows -> rows(rows).stream().findFirst());
  }

  private static List<SilenceRow> rows(RowSet<Row> rows) {
    List<SilenceRow> found = new ArrayList<>();
    for (Row row : rows) {
      found.add(new SilenceRow(
          row.getInteger(0),
          row.getString(1),
          row.getLong(2),
          row.getLong(3),
          row.getLong(4),
          row.getString(5)));
    }
    return found;
  }
}
