package io.vedette.store;

import java.time.Duration;

/**
 * How this process uses the database.
 *
 * @param poolSize connections of the pool; an {@code Appender} has one more of its own
 * @param connectTimeout limit for a connection, and for waiting for one of the pool
 * @param statementTimeout limit for one statement, kept by the server
 * @param synchronousCommit {@code on}, or {@code remote_apply}; set by us on every connection, whatever the server's default
 * @param acceptFullPageWritesOff for copy-on-write file systems only: elsewhere a power failure may tear pages
 * @param acceptFsyncOff nothing is durable then; tests that do not test durability set it, no configuration key does
 */
public record DatabaseOptions(
    int poolSize,
    Duration connectTimeout,
    Duration statementTimeout,
    String synchronousCommit,
    boolean acceptFullPageWritesOff,
    boolean acceptFsyncOff,
    String applicationName) {

  public static final DatabaseOptions DEFAULT = new DatabaseOptions(
      8, Duration.ofSeconds(5), Duration.ofSeconds(30), "on", false, false, "vedette");

  public DatabaseOptions {
    if (poolSize < 1 || poolSize > 1000) {
      throw new IllegalArgumentException("pool size: " + poolSize + " (expected: 1..1000)");
    }
    if (!synchronousCommit.equals("on") && !synchronousCommit.equals("remote_apply")) {
      throw new IllegalArgumentException("synchronous commit: " + synchronousCommit
          + " (expected: on or remote_apply; less would acknowledge what is not durable)");
    }
  }

  public DatabaseOptions withPoolSize(int newPoolSize) {
    return new DatabaseOptions(
        newPoolSize,
        connectTimeout,
        statementTimeout,
        synchronousCommit,
        acceptFullPageWritesOff,
        acceptFsyncOff,
        applicationName);
  }

  public DatabaseOptions withApplicationName(String name) {
    return new DatabaseOptions(
        poolSize,
        connectTimeout,
        statementTimeout,
        synchronousCommit,
        acceptFullPageWritesOff,
        acceptFsyncOff,
        name);
  }

  public DatabaseOptions withAcceptFsyncOff(boolean accepted) {
    return new DatabaseOptions(
        poolSize,
        connectTimeout,
        statementTimeout,
        synchronousCommit,
        acceptFullPageWritesOff,
        accepted,
        applicationName);
  }

  public DatabaseOptions withAcceptFullPageWritesOff(boolean accepted) {
    return new DatabaseOptions(
        poolSize,
        connectTimeout,
        statementTimeout,
        synchronousCommit,
        accepted,
        acceptFsyncOff,
        applicationName);
  }

  public DatabaseOptions withStatementTimeout(Duration timeout) {
    return new DatabaseOptions(
        poolSize,
        connectTimeout,
        timeout,
        synchronousCommit,
        acceptFullPageWritesOff,
        acceptFsyncOff,
        applicationName);
  }
}
