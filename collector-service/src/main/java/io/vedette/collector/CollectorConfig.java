package io.vedette.collector;

import io.vedette.runtime.config.ConfigNode;
import io.vedette.runtime.config.ConfigSection;
import io.vedette.runtime.config.Key;
import io.vedette.store.StoreConfig;
import java.time.Duration;
import java.util.List;

/** The collector's keys. */
public final class CollectorConfig implements ConfigSection {
  public static final Key<Integer> HTTP_PORT = Key.port(
      "collector.http.port",
      8081,
      "Port for records over HTTP (POST /v1/records); 0 takes a free one.");
  public static final Key<Integer> HTTP_MAX_REQUESTS = Key.integer(
      "collector.http.max-requests",
      2_000,
      1,
      100_000,
      "Requests at work at a time; further ones get 503. Fewer refuse bursts, more cost up to 1 MiB each.");
  public static final Key<Duration> HTTP_ANSWER_LIMIT = Key.duration(
      "collector.http.answer-limit",
      Duration.ofSeconds(30),
      Duration.ofSeconds(1),
      Duration.ofMinutes(10),
      "How long a request waits for the trail before it gets 503. Its records may still be appended after that: use an Idempotency-Key.");
  public static final Key<Boolean> SYSLOG_ENABLED =
      Key.bool("collector.syslog.enabled", true, "Whether syslog is received at all.");
  public static final Key<Integer> SYSLOG_PORT = Key.port(
      "collector.syslog.port", 5514, "Port for syslog over UDP and TCP; 0 takes a free one.");
  public static final Key<Integer> SYSLOG_MAX_CONNECTIONS = Key.integer(
      "collector.syslog.max-connections",
      1_000,
      1,
      100_000,
      "TCP senders of syslog at a time; further ones are closed at once.");
  public static final Key<Integer> TRAIL = Key.integer(
      "collector.trail",
      1,
      1,
      Integer.MAX_VALUE,
      "Trail that this collector's own sources append to, and pushes whose token names several.");
  public static final Key<Boolean> TRUST_LOOPBACK = Key.bool(
      "collector.ingest.trust-loopback",
      false,
      "Whether senders on this machine need no token (unless they say that they speak for others). Standalone does so when the key is not set.");
  public static final Key<Boolean> DEFAULT_SOURCES = Key.bool(
      "collector.default-sources",
      true,
      "Whether host metrics, the text files below /var/log and the systemd journal are read when collector.sources is not set.");
  public static final Key<ConfigNode> SOURCES = Key.tree(
      "collector.sources",
      "What is read, a list of {name, kind: host|files|journal, ...}; host: interval, processes; files: include, exclude, history, max-line, process; journal: command, history, process.");
  public static final Key<Integer> BATCH_MAX_RECORDS = Key.integer(
      "collector.batch.max-records",
      1_000,
      1,
      20_000,
      "Records per append. Small ones cost a commit each, large ones hold the trail longer.");
  public static final Key<Long> BATCH_MAX_BYTES = Key.size(
      "collector.batch.max-bytes",
      1L << 20,
      1 << 10,
      64 << 20,
      "Bytes per append. Above 512 KiB a batch is announced on the bus and read from the store.");
  public static final Key<Duration> BATCH_MAX_AGE = Key.duration(
      "collector.batch.max-age",
      Duration.ofMillis(5),
      Duration.ofMillis(1),
      Duration.ofSeconds(1),
      "How long the first record waits for others. Shorter costs commits, longer is added to every answer.");
  public static final Key<Integer> QUEUE_MAX_RECORDS = Key.integer(
      "collector.queue.max-records",
      20_000,
      100,
      10_000_000,
      "Records that may wait for the trail; then pushes get 429, pull sources pause and datagrams are dropped and declared.");
  public static final Key<Long> QUEUE_MAX_BYTES = Key.size(
      "collector.queue.max-bytes",
      64L << 20,
      1 << 20,
      1L << 40,
      "The same in bytes; about twice that of memory.");
  public static final Key<Long> RECORD_MAX_BYTES = Key.size(
      "collector.record.max-bytes",
      1L << 20,
      1 << 10,
      16 << 20,
      "Largest record, as received and in canonical form. Larger ones get 413 or are listed as rejected.");
  public static final Key<Duration> PULL_INTERVAL = Key.duration(
      "collector.pull.interval",
      Duration.ofMillis(250),
      Duration.ofMillis(10),
      Duration.ofMinutes(1),
      "How often files and the journal are asked when they had nothing new.");
  public static final Key<String> STORAGE_PATH = StoreConfig.STORAGE_PATH;

  @Override
  public String name() {
    return "collector";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        HTTP_PORT,
        HTTP_MAX_REQUESTS,
        HTTP_ANSWER_LIMIT,
        SYSLOG_ENABLED,
        SYSLOG_PORT,
        SYSLOG_MAX_CONNECTIONS,
        TRAIL,
        TRUST_LOOPBACK,
        DEFAULT_SOURCES,
        SOURCES,
        BATCH_MAX_RECORDS,
        BATCH_MAX_BYTES,
        BATCH_MAX_AGE,
        QUEUE_MAX_RECORDS,
        QUEUE_MAX_BYTES,
        RECORD_MAX_BYTES,
        PULL_INTERVAL);
  }
}
