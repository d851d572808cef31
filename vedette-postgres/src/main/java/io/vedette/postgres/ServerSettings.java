package io.vedette.postgres;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the server runs with: durable, on loopback only, sized for a small machine that does other work too. All of it goes
 * on the command line, where neither postgresql.conf nor ALTER SYSTEM can change it unseen.
 */
final class ServerSettings {
  private final Map<String, String> settings = new LinkedHashMap<>();

  ServerSettings(Map<String, String> overriding) {
    // Durability, whatever a configuration file says.
    settings.put("fsync", "on");
    settings.put("full_page_writes", "on");
    settings.put("synchronous_commit", "on");

    settings.put("listen_addresses", EmbeddedPostgres.HOST);
    settings.put("unix_socket_directories", "");
    settings.put("max_connections", "60");
    settings.put("password_encryption", "scram-sha-256");

    settings.put("shared_buffers", "96MB");
    settings.put("effective_cache_size", "512MB");
    settings.put("work_mem", "8MB");
    settings.put("maintenance_work_mem", "64MB");
    settings.put("random_page_cost", "1.1");
    settings.put("jit", "off"); // costs more than it gives for short queries
    settings.put("io_workers", "1");
    settings.put("max_worker_processes", "4");
    settings.put("max_parallel_workers", "2");
    settings.put("max_parallel_workers_per_gather", "1");
    settings.put("max_logical_replication_workers", "0"); // a process less
    settings.put("max_wal_senders", "2"); // for pg_basebackup
    settings.put("max_replication_slots", "2");
    settings.put("autovacuum_worker_slots", "2");
    settings.put("autovacuum_max_workers", "2");
    settings.put(
        "max_locks_per_transaction", "128"); // a query may touch every partition of a trail

    settings.put("max_wal_size", "1GB"); // bounds how long crash recovery takes
    settings.put("min_wal_size", "192MB");
    settings.put("wal_buffers", "8MB");
    settings.put("wal_compression", "pglz");
    settings.put("checkpoint_timeout", "5min");

    settings.put("logging_collector", "off"); // the launcher keeps the log, and bounds it
    settings.put("log_destination", "stderr");
    settings.put("log_line_prefix", "%m [%p] %q%u@%d ");
    settings.put("log_startup_progress_interval", "1s");
    // Neither statements nor details of failing rows: records are nobody's business but their
    // readers'.
    settings.put("log_min_error_statement", "panic");
    settings.put("log_error_verbosity", "terse");

    settings.put("timezone", "UTC");
    settings.put("log_timezone", "UTC");
    settings.put("lc_messages", "C"); // the launcher reads them
    settings.put("cluster_name", "vedette");
    settings.putAll(overriding);
  }

  boolean isDurable() {
    return !List.of("off", "false", "no", "0").contains(settings.get("fsync"));
  }

  List<String> arguments(int port) {
    List<String> arguments = new ArrayList<>(List.of("-c", "port=" + port));
    settings.forEach((name, value) -> {
      arguments.add("-c");
      arguments.add(name + "=" + value);
    });
    return arguments;
  }
}
