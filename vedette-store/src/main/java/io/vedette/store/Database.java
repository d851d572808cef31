package io.vedette.store;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's connections to PostgreSQL. Any thread may use it. Every wait has a limit: for a connection, for a statement (kept by the server), for a transaction; at most 1,000 callers wait
 * for a connection, further ones fail at once.
 */
public final class Database {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final int MIN_VERSION = 150_000;
  private static final int MAX_WAITING = 1_000;
  private static final long PROBE_INTERVAL_MS = 1_000;

  /** As docs/design/architecture.md, section 5: whoever holds the trail's row and falls silent loses it after that. */
  private static final Duration IDLE_IN_TRANSACTION = Duration.ofSeconds(3);

  private final Vertx vertx;
  private final DatabaseUrl url;
  private final DatabaseOptions options;
  private final MeterRegistry metrics;
  private final Pool pool;
  private final Duration transactionLimit;
  private long prober = -1;
  private final AtomicInteger appendsWaiting = new AtomicInteger();
  private volatile boolean up = true;
  private volatile boolean closed;

  private Database(Vertx vertx, DatabaseUrl url, DatabaseOptions options, MeterRegistry metrics) {
    this.vertx = vertx;
    this.url = url;
    this.options = options;
    this.metrics = metrics;
    this.transactionLimit = options.statementTimeout().plus(options.connectTimeout());
    this.pool = PgBuilder.pool()
        .with(new PoolOptions()
            .setMaxSize(options.poolSize())
            .setMaxWaitQueueSize(MAX_WAITING)
            .setConnectionTimeout((int) options.connectTimeout().toMillis())
            .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS))
        .connectingTo(connectOptions())
        .using(vertx)
        .build();
  }

  /** A database whose server could be reached and may be trusted with the trail. Fails with a {@link DatabaseException} that says what is wrong. */
  public static Future<Database> connect(
      Vertx vertx, DatabaseUrl url, DatabaseOptions options, MeterRegistry metrics) {
    Database database = new Database(vertx, url, options, metrics);
    return database
        .check()
        .compose(ok -> Future.succeededFuture(database.started()), failure -> database
            .pool
            .close()
            .transform(closed -> Future.failedFuture(database.explained(failure))));
  }

  public static Future<Database> connect(Vertx vertx, DatabaseUrl url, DatabaseOptions options) {
    return connect(vertx, url, options, new CompositeMeterRegistry());
  }

  public Pool pool() {
    return pool;
  }

  public Vertx vertx() {
    return vertx;
  }

  public DatabaseUrl url() {
    return url;
  }

  public DatabaseOptions options() {
    return options;
  }

  public MeterRegistry metrics() {
    return metrics;
  }

  /** How many appends wait or are on their way: kept by the appenders on this database, shown as one gauge. */
  public AtomicInteger appendsWaiting() {
    return appendsWaiting;
  }

  /** Whether the server answered when it was last asked, at most a few seconds ago. */
  public boolean up() {
    return up;
  }

  /**
   * Commits when the function's future succeeds, else rolls back. A failure may hide a commit whose answer was lost: what runs in here must be able to find out. Lock order: own rows,
   * publications, the trail last.
   */
  public <T> Future<T> transaction(Function<SqlConnection, Future<T>> work) {
    return pool.withTransaction(work).timeout(transactionLimit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** A connection of one's own, not of the pool: closing it ends the session, whatever it was doing. */
  public Future<PgConnection> dedicated() {
    return PgConnection.connect(vertx, connectOptions())
        // Without a handler the driver prints on standard error what the server says before it
        // goes.
        .onSuccess(connection -> connection.exceptionHandler(
            gone -> LOG.debug("a connection ended: {}", gone.toString())))
        .timeout(options.connectTimeout().toMillis(), TimeUnit.MILLISECONDS);
  }

  public Future<Void> close() {
    closed = true;
    if (prober >= 0) {
      vertx.cancelTimer(prober);
    }
    return pool.close();
  }

  private Database started() {
    prober = vertx.setPeriodic(PROBE_INTERVAL_MS, id -> probe());
    Gauge.builder("vedette_store_database_up", this, database -> database.up ? 1 : 0)
        .description("Whether the database answers")
        .register(metrics);
    Gauge.builder("vedette_store_append_waiting", appendsWaiting, AtomicInteger::get)
        .description("Appends that wait or are on their way")
        .register(metrics);
    return this;
  }

  private void probe() {
    pool.query("SELECT 1")
        .execute()
        .timeout(options.connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .onComplete(answer -> {
          if (up != answer.succeeded() && !closed) {
            up = answer.succeeded();
            if (up) {
              LOG.info("database answers again url={}", url);
            } else {
              LOG.warn(
                  "database does not answer url={} cause={}", url, String.valueOf(answer.cause()));
            }
          }
        });
  }

  private PgConnectOptions connectOptions() {
    Map<String, String> session = new HashMap<>();
    session.put("application_name", options.applicationName());
    session.put("search_path", "vedette");
    session.put("client_encoding", "UTF8");
    session.put("DateStyle", "ISO");
    session.put("synchronous_commit", options.synchronousCommit());
    session.put("statement_timeout", Long.toString(options.statementTimeout().toMillis()));
    session.put(
        "idle_in_transaction_session_timeout", Long.toString(IDLE_IN_TRANSACTION.toMillis()));
    PgConnectOptions connect = url.connectOptions();
    connect.setProperties(session);
    connect.setCachePreparedStatements(true).setPreparedStatementCacheMaxSize(256);
    connect.setPreparedStatementCacheSqlLimit(8_192);
    return connect;
  }

  private Future<Void> check() {
    return pool.query("""
            SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS release,
              current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
              current_setting('server_encoding') AS encoding""")
        .execute()
        .timeout(options.connectTimeout().toMillis() * 2, TimeUnit.MILLISECONDS)
        .map(this::checked);
  }

  private Void checked(RowSet<Row> rows) {
    Row row = rows.iterator().next();
    if (row.getInteger("version") < MIN_VERSION) {
      throw new DatabaseException(
          "PostgreSQL " + row.getString("release") + " at " + url + " (expected: 15 or newer)");
    }
    if (!row.getString("encoding").equals("UTF8")) {
      throw new DatabaseException("database " + url + " has the encoding "
          + row.getString("encoding") + " (expected: UTF8)");
    }
    if (row.getString("fsync").equals("off") && !options.acceptFsyncOff()) {
      throw new DatabaseException(
          "fsync is off at " + url
              + ": an acknowledged record would not survive a power failure (expected: fsync = on in postgresql.conf)");
    }
    if (row.getString("full_page_writes").equals("off") && !options.acceptFullPageWritesOff()) {
      throw new DatabaseException(
          "full_page_writes is off at "
              + url
              + " (expected: on; or, on a copy-on-write file system only, database.accept-full-page-writes-off: true)");
    }
    return null;
  }

  private Throwable explained(Throwable failure) {
    return failure instanceof DatabaseException
        ? failure
        : new DatabaseException(
            "database " + url + " cannot be used: " + failure.getMessage(), failure);
  }
}
