package io.vedette.benchmarks.trail;

import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.trail.AppendOutcome;
import io.vedette.store.trail.AppendRequest;
import io.vedette.store.trail.Appender;
import io.vedette.store.trail.CursorMove;
import io.vedette.store.trail.SealedRecord;
import io.vertx.core.Future;
import java.util.List;
import java.util.UUID;

/** One collector's way to append: a source's cursor moves with every batch, one append is on its way, the next is sealed meanwhile. */
final class AppendLoop implements Writer {
  private final Appender appender;
  private final AuditRecords records;
  private final String source;
  private final UUID id = UUID.randomUUID();
  private List<SealedRecord> sealed;
  private long seq;

  AppendLoop(Database database, AuditRecords records, String source) {
    this.appender = new Appender(database, database.vertx().eventBus());
    this.records = records;
    this.source = source;
    this.sealed = records.seal();
  }

  @Override
  public Future<?> write() {
    long done = seq * records.count();
    seq++;
    CursorMove move = new CursorMove(
        source, seq == 1 ? null : "" + (seq - 1), "" + seq, done, done + records.count());
    Future<AppendOutcome> answer = appender.append(
        AppendRequest.of(1, id, seq, MicroClock.SYSTEM.nowUs(), sealed).withCursors(List.of(move)));
    sealed = records.seal();
    return answer.map(outcome -> {
      if (outcome instanceof AppendOutcome.Appended appended && !appended.repeated()) {
        return appended;
      }
      throw new IllegalStateException("not appended: " + outcome);
    });
  }

  @Override
  public Future<Void> close() {
    return appender.close();
  }
}
