package io.vedette.benchmarks.trail;

import io.vedette.store.Database;
import io.vedette.store.trail.SealedRecord;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;

/** The peer: one prepared {@code INSERT ... SELECT FROM unnest(...)} of the same rows after the other, on a connection of its own, into a plain table with the same primary key. */
final class BareLoop implements Writer {
  static final String TABLE = """
      CREATE TABLE IF NOT EXISTS vedette.bare (index bigint NOT NULL, time_us bigint NOT NULL, trail integer NOT NULL,
        retention_class smallint NOT NULL, salt bytea NOT NULL, canonical bytea NOT NULL, PRIMARY KEY (trail, index, retention_class))""";
  private static final String SQL = """
      INSERT INTO vedette.bare (index, time_us, trail, retention_class, salt, canonical)
      SELECT $1 + r.o - 1, r.t, 1, 0, r.s, r.c FROM unnest($2::bigint[], $3::bytea[], $4::bytea[]) WITH ORDINALITY AS r (t, s, c, o)""";

  private final PgConnection connection;
  private final AuditRecords records;
  private long index;

  /** @param first its first index: each loop has a range of its own */
  BareLoop(Database database, AuditRecords records, long first) {
    this.connection = Waits.value(database.dedicated());
    this.records = records;
    this.index = first;
  }

  @Override
  public Future<?> write() {
    int count = records.count();
    byte[] salts = records.salts();
    Buffer[] canonical = new Buffer[count];
    Buffer[] salt = new Buffer[count];
    Long[] timeUs = new Long[count];
    for (int i = 0; i < count; i++) {
      canonical[i] = Buffer.buffer(records.canonical(i));
      salt[i] = Buffer.buffer(SealedRecord.SALT_BYTES)
          .appendBytes(salts, i * SealedRecord.SALT_BYTES, SealedRecord.SALT_BYTES);
      timeUs[i] = records.timeUs(i);
    }
    long first = index;
    index += count;
    return connection
        .preparedQuery(SQL)
        .execute(Tuple.tuple().addValue(first).addValue(timeUs).addValue(salt).addValue(canonical));
  }

  @Override
  public Future<Void> close() {
    return connection.close();
  }
}
