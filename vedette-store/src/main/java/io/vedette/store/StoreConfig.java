package io.vedette.store;

import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.ConfigNode;
import io.vedette.runtime.config.ConfigSection;
import io.vedette.runtime.config.Key;
import io.vedette.store.trail.RetentionClasses;
import io.vedette.store.trail.RetentionPolicy;
import io.vedette.store.trail.StorageSpace;
import io.vedette.store.trail.Trail;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The keys of database, trail and storage. */
public final class StoreConfig implements ConfigSection {
  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration YEARS = Duration.ofDays(36_500);

  /** What one asks the server for before an acknowledgement. */
  public enum SynchronousCommit {
    ON,
    REMOTE_APPLY
  }

  public static final Key<Optional<String>> DATABASE_URL = Key.optionalString(
          "database.url",
          "postgresql://user:password@host:5432/database, with sslmode and sslrootcert as parameters. Services in a cluster need it, standalone brings its own.")
      .secret();
  public static final Key<Integer> POOL_SIZE = Key.integer(
      "database.pool-size",
      8,
      1,
      200,
      "Connections of a process, besides one per appender. Too few: requests wait; too many: the server's max_connections ends.");
  public static final Key<Duration> CONNECT_TIMEOUT = Key.duration(
      "database.connect-timeout",
      Duration.ofSeconds(5),
      Duration.ofMillis(100),
      Duration.ofMinutes(1),
      "Limit for a connection, and for waiting for one of the pool.");
  public static final Key<Duration> STATEMENT_TIMEOUT = Key.duration(
      "database.statement-timeout",
      Duration.ofSeconds(30),
      Duration.ofSeconds(1),
      Duration.ofMinutes(10),
      "Limit for one statement, kept by the server. Too short: large pages of records fail on a slow disk.");
  public static final Key<SynchronousCommit> SYNCHRONOUS_COMMIT = Key.oneOf(
      "database.synchronous-commit",
      SynchronousCommit.ON,
      "With synchronous replication, whether an acknowledgement waits for the standby to have written (on) or applied (remote-apply). Less is not offered.");
  public static final Key<Boolean> ACCEPT_FULL_PAGE_WRITES_OFF = Key.bool(
      "database.accept-full-page-writes-off",
      false,
      "Accept a server with full_page_writes off. Only on a copy-on-write file system: elsewhere a power failure tears pages.");
  public static final Key<Optional<String>> TRAIL_ORIGIN = Key.optionalString(
      "trail.origin",
      "First line of the checkpoints, a name below a domain of yours, for ever: example.org/audit. Required in a cluster; standalone takes a random one.");
  public static final Key<Long> PARTITION_SIZE = Key.longs(
      "trail.partition-size",
      Trail.PARTITION_SIZE,
      16,
      1L << 30,
      "Records per partition, fixed at a trail's first start. Smaller ones expire more finely, larger ones leave fewer tables.");
  public static final Key<Long> MIN_FREE = Key.size(
      "storage.min-free",
      2L << 30,
      0,
      1L << 50,
      "Below that much free disk nothing more is taken in: pull sources pause, pushes get 503.");
  public static final Key<String> STORAGE_PATH = Key.string(
      "storage.path",
      "",
      "Folder whose file system must keep storage.min-free: where the database lies. Empty: it is on another machine, which must be watched there.");
  public static final Key<Duration> KEEP_RECORDS = Key.duration(
      "storage.retention.records",
      Duration.ofDays(30),
      HOUR,
      YEARS,
      "How long payloads of records are kept, of retention class 0. Entries stay, so proofs hold. Goes by whole partitions, so some stay longer.");
  public static final Key<ConfigNode> RETENTION_CLASSES = Key.tree(
      "storage.retention.classes",
      "Sources whose records are kept for another time, a list of {class: 2..100, keep: a duration, sources: names, * at their end for any}. A class has partitions of its own, which expire by themselves; the number stands for it for ever.");
  public static final Key<Duration> KEEP_SAMPLES = Key.duration(
      "storage.retention.samples",
      Duration.ofHours(2),
      Duration.ofMinutes(30),
      Duration.ofDays(30),
      "How long samples are kept for replay. Shorter than an analyzer's longest window: a restart cannot rebuild it.");
  public static final Key<Duration> KEEP_IDEMPOTENCY = Key.duration(
      "storage.retention.idempotency",
      Duration.ofDays(1),
      MILLISECOND.multipliedBy(60_000),
      YEARS,
      "How long an Idempotency-Key is remembered. A retry after that is taken as a new request.");
  public static final Key<Duration> KEEP_PUBLICATIONS = Key.duration(
      "storage.retention.publications",
      Duration.ofDays(30),
      HOUR,
      YEARS,
      "How far back findings, alerts and notifications can be resumed.");
  public static final Key<Duration> KEEP_QUARANTINE = Key.duration(
      "storage.retention.quarantine",
      Duration.ofDays(30),
      HOUR,
      YEARS,
      "How long what could not be decoded is kept for a look.");

  @Override
  public String name() {
    return "store";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        DATABASE_URL,
        POOL_SIZE,
        CONNECT_TIMEOUT,
        STATEMENT_TIMEOUT,
        SYNCHRONOUS_COMMIT,
        ACCEPT_FULL_PAGE_WRITES_OFF,
        TRAIL_ORIGIN,
        PARTITION_SIZE,
        MIN_FREE,
        STORAGE_PATH,
        KEEP_RECORDS,
        RETENTION_CLASSES,
        KEEP_SAMPLES,
        KEEP_IDEMPOTENCY,
        KEEP_PUBLICATIONS,
        KEEP_QUARANTINE);
  }

  /** @throws io.vedette.runtime.config.ConfigException when it is missing or cannot be read */
  public static DatabaseUrl databaseUrl(Config config) {
    String text = config
        .get(DATABASE_URL)
        .orElseThrow(
            () -> config.error(
                DATABASE_URL,
                "nothing",
                "VEDETTE_DATABASE_URL=postgresql://user:password@host:5432/database; vedette db init ADMIN_URL makes users and prints theirs"));
    try {
      return DatabaseUrl.parse(text);
    } catch (IllegalArgumentException e) {
      throw config.error(
          DATABASE_URL,
          String.valueOf(e.getMessage()),
          "postgresql://user:password@host:5432/database");
    }
  }

  public static DatabaseOptions databaseOptions(Config config, String applicationName) {
    return new DatabaseOptions(
        config.get(POOL_SIZE),
        config.get(CONNECT_TIMEOUT),
        config.get(STATEMENT_TIMEOUT),
        config.get(SYNCHRONOUS_COMMIT) == SynchronousCommit.ON ? "on" : "remote_apply",
        config.get(ACCEPT_FULL_PAGE_WRITES_OFF),
        false,
        applicationName);
  }

  /** @throws io.vedette.runtime.config.ConfigException where an entry is wrong, with its line */
  public static RetentionClasses retentionClasses(Config config) {
    return RetentionClasses.of(config.get(RETENTION_CLASSES));
  }

  /** Where the database lies, as far as this machine knows. */
  public static StorageSpace space(Config config) {
    String path = config.get(STORAGE_PATH);
    return path.isEmpty()
        ? StorageSpace.elsewhere()
        : StorageSpace.below(Path.of(path), config.get(MIN_FREE));
  }

  public static RetentionPolicy retention(Config config) {
    return new RetentionPolicy(
        retentionClasses(config).kept(config.get(KEEP_RECORDS)),
        config.get(KEEP_SAMPLES),
        config.get(KEEP_IDEMPOTENCY),
        config.get(KEEP_PUBLICATIONS),
        config.get(KEEP_QUARANTINE));
  }
}
