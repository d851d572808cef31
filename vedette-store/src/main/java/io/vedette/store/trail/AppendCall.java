package io.vedette.store.trail;

import io.vedette.model.Batch;
import io.vedette.model.Stamps;
import io.vedette.store.trail.AppendOutcome.Appended;
import io.vedette.store.trail.AppendOutcome.RefusedRecord;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** The append function's arguments and answer. */
final class AppendCall {
  static final String SQL = """
      SELECT outcome, epoch, number, first_index, count, at_us, timeline, name, key, position, sequence, hash
      FROM vedette.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)""";

  private static final byte[] NONE = {};

  private AppendCall() {}

  /** Records and salts are laid one after the other: one value each for driver and server, not one per record. */
  static Tuple arguments(AppendRequest request) {
    List<SealedRecord> records = request.records();
    int count = records.size();
    int length = 0;
    for (SealedRecord record : records) {
      length = Math.addExact(length, record.canonical().length);
    }
    byte[] canonical = new byte[length];
    byte[] salts = new byte[SealedRecord.SALT_BYTES * count];
    byte[] entries = new byte[SealedRecord.HASH_BYTES * count];
    Integer[] offsets = new Integer[count];
    Integer[] lengths = new Integer[count];
    Long[] timeUs = new Long[count];
    Short[] classes = new Short[count];
    SortedSet<Short> used = new TreeSet<>();
    int offset = 0;
    for (int i = 0; i < count; i++) {
      SealedRecord record = records.get(i);
      byte[] bytes = record.canonical();
      System.arraycopy(bytes, 0, canonical, offset, bytes.length);
      copy(record.salt(), salts, i);
      copy(record.entry(), entries, i);
      offsets[i] = offset + 1; // SQL counts from 1
      lengths[i] = bytes.length;
      timeUs[i] = record.timeUs();
      classes[i] = (short) record.retentionClass();
      used.add(classes[i]);
      offset += bytes.length;
    }
    Tuple tuple = Tuple.tuple();
    tuple
        .addValue(request.trail())
        .addValue(request.appender())
        .addValue(request.seq())
        .addValue(request.clockUs())
        .addValue(request.newTimeline());
    tuple
        .addValue(Buffer.buffer(canonical))
        .addValue(offsets)
        .addValue(lengths)
        .addValue(Buffer.buffer(salts))
        .addValue(timeUs)
        .addValue(Buffer.buffer(entries))
        .addValue((long) length + request.samples().length);
    tuple.addValue(used.toArray(Short[]::new)).addValue(used.size() > 1 ? classes : new Short[0]);
    tuple.addValue(Buffer.buffer(request.samples())).addValue(request.sampleCount());
    cursors(tuple, request.cursors());
    idempotency(tuple, request.idempotency());
    return tuple;
  }

  private static void copy(byte[] from, byte[] all, int i) {
    System.arraycopy(from, 0, all, i * from.length, from.length);
  }

  private static void cursors(Tuple tuple, List<CursorMove> moves) {
    tuple.addValue(moves.stream().map(CursorMove::source).toArray(String[]::new));
    tuple.addValue(moves.stream().map(CursorMove::from).toArray(String[]::new));
    tuple.addValue(moves.stream().map(CursorMove::to).toArray(String[]::new));
    tuple.addValue(moves.stream().map(CursorMove::fromSequence).toArray(Long[]::new));
    tuple.addValue(moves.stream().map(CursorMove::toSequence).toArray(Long[]::new));
  }

  private static void idempotency(Tuple tuple, List<IdempotencyMove> moves) {
    tuple.addValue(moves.stream().map(IdempotencyMove::principal).toArray(String[]::new));
    tuple.addValue(moves.stream().map(IdempotencyMove::key).toArray(String[]::new));
    tuple.addValue(moves.stream().map(IdempotencyMove::fromDone).toArray(Long[]::new));
    tuple.addValue(moves.stream().map(IdempotencyMove::toDone).toArray(Long[]::new));
    tuple.addValue(moves.stream().map(move -> Buffer.buffer(move.cursor())).toArray(Buffer[]::new));
  }

  static AppendOutcome outcome(
      AppendRequest request, Row row, List<RefusedRecord> refused, long nowUs) {
    String outcome = row.getString("outcome");
    return switch (outcome) {
      case "appended" -> new Appended(batch(request, row, nowUs), false, refused);
      case "repeated" -> new Appended(batch(request, row, nowUs), true, List.of());
      case "cursor" ->
        new AppendOutcome.CursorMoved(
            row.getString("name"), row.getString("position"), row.getLong("sequence"));
      case "idempotency" ->
        new AppendOutcome.IdempotencyMoved(
            row.getString("name"), row.getString("key"), row.getLong("sequence"), hash(row));
      case "clock" ->
        new AppendOutcome.ClockWentBack(row.getLong("at_us"), row.getLong("sequence"));
      case "missing" ->
        new AppendOutcome.Refused(
            "trail " + request.trail() + " does not exist (expected: opened at the first start)");
      default -> throw new IllegalStateException("append answered " + outcome);
    };
  }

  /** What was committed before may have been another, smaller set of records (some were quarantined then): in doubt it is announced only, and read from the store. */
  private static Batch batch(AppendRequest request, Row row, long nowUs) {
    int count = row.getInteger("count");
    boolean inline = count == request.records().size();
    return new Batch(
        request.trail(),
        row.getString("epoch"),
        row.getLong("number"),
        row.getLong("first_index"),
        count,
        row.getLong("at_us"),
        row.getInteger("timeline"),
        inline,
        inline ? request.records().stream().map(SealedRecord::canonical).toList() : List.of(),
        inline ? request.samples() : NONE,
        new Stamps(request.stamps().receivedUs(), request.stamps().sealedUs(), nowUs));
  }

  private static byte[] hash(Row row) {
    Buffer hash = row.getBuffer("hash");
    return hash == null ? NONE : hash.getBytes();
  }
}
