package io.vedette.benchmarks.trail;

import io.vedette.model.CanonicalRecord;
import io.vedette.model.Decoded;
import io.vedette.model.RecordDraft;
import io.vedette.model.RecordParser;
import io.vedette.store.trail.SealedRecord;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Canonical records as an application's audit log gives them, about 300 bytes each with what the collector adds: who did what to what from where. Actors and addresses are few and skewed, targets
 * many. The same seed makes the same records; {@link #seal} gives each batch new salts, as the collector does.
 */
final class AuditRecords {
  private static final String[] ACTIONS = {
    "order.read", "order.read", "order.create", "cart.update", "session.open", "user.update"
  };
  private static final String[] OUTCOMES = {
    "success", "success", "success", "success", "success", "failure", "denied"
  };
  private static final long START_US = 1_780_000_000_000_000L;

  private final List<CanonicalRecord> drafts;
  private final byte[][] canonical;
  private final SecureRandom random = new SecureRandom();

  AuditRecords(int count, String source, long seed) {
    RecordParser parser = new RecordParser();
    SplittableRandom numbers = new SplittableRandom(seed);
    drafts = new ArrayList<>(count);
    canonical = new byte[count][];
    for (int i = 0; i < count; i++) {
      byte[] json = json(numbers).getBytes(StandardCharsets.UTF_8);
      Decoded decoded = parser.parse(json, START_US + i * 100L);
      if (!(decoded instanceof RecordDraft draft)) {
        throw new IllegalStateException("not a record: " + decoded);
      }
      drafts.add(CanonicalRecord.of(draft, source));
      canonical[i] = drafts.get(i).seal(1_000_000 + i);
    }
  }

  private static String json(SplittableRandom numbers) {
    int user = Math.min(numbers.nextInt(5_000), numbers.nextInt(5_000));
    return String.format(
        Locale.ROOT,
        "{\"actor\":\"user-%d\",\"action\":\"%s\",\"target\":\"/tenants/%d/orders/%d\",\"outcome\":\"%s\",\"origin\":\"198.51.100.%d\","
            + "\"session\":\"%012x\",\"attributes\":{\"duration_ms\":%d}}",
        user,
        ACTIONS[numbers.nextInt(ACTIONS.length)],
        user % 40,
        numbers.nextInt(1_000_000),
        OUTCOMES[numbers.nextInt(OUTCOMES.length)],
        numbers.nextInt(256),
        numbers.nextLong(1L << 48),
        numbers.nextInt(900));
  }

  int count() {
    return canonical.length;
  }

  byte[] canonical(int i) {
    return canonical[i];
  }

  long timeUs(int i) {
    return drafts.get(i).timeUs();
  }

  double meanBytes() {
    long sum = 0;
    for (byte[] one : canonical) {
      sum += one.length;
    }
    return (double) sum / canonical.length;
  }

  /** Salts of all records, one after the other. */
  byte[] salts() {
    byte[] salts = new byte[canonical.length * SealedRecord.SALT_BYTES];
    random.nextBytes(salts);
    return salts;
  }

  /** The records with new salts and their entries. */
  List<SealedRecord> seal() {
    byte[] salts = salts();
    List<SealedRecord> sealed = new ArrayList<>(canonical.length);
    for (int i = 0; i < canonical.length; i++) {
      byte[] salt = new byte[SealedRecord.SALT_BYTES];
      System.arraycopy(salts, i * salt.length, salt, 0, salt.length);
      sealed.add(SealedRecord.seal(canonical[i], salt, timeUs(i), 0));
    }
    return sealed;
  }
}
