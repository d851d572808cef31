package io.vedette.postgres;

import io.vedette.postgres.EmbeddedPostgresException.Reason;
import io.vedette.postgres.FolderLock.Attempt;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a PostgreSQL server as a child process on a folder. Any thread may call it. The server is durable, listens on
 * 127.0.0.1 alone, wants a password, does not outlive this process, and is started again, on the same port, should it die.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  static final String HOST = "127.0.0.1";
  static final String SUPERUSER = "vedette_admin";

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
  private static final int MOST_PORTS = 20;
  private static final Duration SUPERVISOR_LIMIT = Duration.ofSeconds(20);

  private final EmbeddedPostgresOptions options;
  private final Placement placement;
  private final FolderLock lock;
  private final ServerAccount account;
  private final Binaries binaries;
  private final ServerSettings settings;
  private final ServerLog log;
  private final String password;
  private final Backoff backoff = new Backoff();
  private final ScheduledExecutorService supervisor;
  private final Object monitor = new Object();

  // guarded by monitor
  private int port;
  private long startedAtNs;
  private boolean closed;
  private @Nullable ServerProcess server;

  private EmbeddedPostgres(EmbeddedPostgresOptions options, Placement placement, FolderLock lock) {
    this.options = options;
    this.placement = placement;
    this.lock = lock;
    this.settings = new ServerSettings(options.settings());
    this.account = ServerAccount.forData(pgdata());
    Path place = options.binaries();
    this.binaries = Binaries.below(
        place == null ? folder().resolve("postgres") : place,
        options.unpacked(),
        account,
        options.progress());
    DataFolder data = new DataFolder(folder(), account, binaries);
    data.checkVersion(); // before anything is touched
    new Leftovers(pgdata(), account).stop(options.progress());
    this.password = data.prepare(settings.isDurable(), options.progress());
    this.log = new ServerLog(folder());
    this.supervisor = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread thread = new Thread(task, "vedette-postgres-supervisor");
      thread.setDaemon(true);
      return thread;
    });
  }

  /** Starts a server and returns when it accepts connections and has the database asked for. Blocks for seconds. */
  public static EmbeddedPostgres start(EmbeddedPostgresOptions options)
      throws EmbeddedPostgresException {
    Placement placement = Placement.of(options);
    placement.note().ifPresent(options.progress());
    FolderLock lock = lock(placement.folder());
    @Nullable EmbeddedPostgres postgres = null;
    boolean done = false;
    try {
      postgres = new EmbeddedPostgres(options, placement, lock);
      postgres.launchFirst();
      postgres.createDatabaseIfMissing(options.database());
      done = true;
      return postgres;
    } finally {
      if (!done) {
        if (postgres != null) {
          postgres.close();
        } else {
          release(lock);
        }
      }
    }
  }

  /** Where {@link #start} would put the data, without starting; the folder is made if it is missing. */
  public static Placement place(EmbeddedPostgresOptions options) throws EmbeddedPostgresException {
    return Placement.of(options);
  }

  public String host() {
    return HOST;
  }

  /** The same for as long as this object lives. */
  public int port() {
    synchronized (monitor) {
      return port;
    }
  }

  public String superuser() {
    return SUPERUSER;
  }

  public String password() {
    return password;
  }

  /** {@code postgresql://user:password@127.0.0.1:port/database}; a secret, it carries the superuser's password. */
  public String url(String database) {
    return "postgresql://" + SUPERUSER + ":" + password + "@" + HOST + ":" + port() + "/"
        + database;
  }

  /** The same for JDBC; a secret too. */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://" + HOST + ":" + port() + "/" + database + "?user=" + SUPERUSER
        + "&password=" + password;
  }

  /** The folder in use; another than the one asked for if {@link #folderNote} says so. */
  public Path folder() {
    return placement.folder();
  }

  /** What to tell the user about the folder, if it is not simply the one asked for. */
  public Optional<String> folderNote() {
    return placement.note();
  }

  /** The server's version, for example 18.6. */
  public String version() {
    return binaries.version();
  }

  /** The postmaster's pid, another one after each restart. */
  public long serverPid() {
    return current().pid();
  }

  /** Creates a database owned by the superuser unless it exists. */
  public void createDatabaseIfMissing(String name) {
    String checked = EmbeddedPostgresOptions.checkedDatabase(name);
    try (Session session = Session.open(port(), SUPERUSER, password, "postgres")) {
      if (session
          .query("SELECT 1 FROM pg_database WHERE datname = '" + checked + "'")
          .isEmpty()) {
        session.query("CREATE DATABASE \"" + checked + "\"");
      }
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          Reason.SERVER_FAILED, "cannot create the database " + checked + ": " + e.getMessage(), e);
    }
  }

  /** Stops the server with a checkpoint, within the stop limit, and gives the folder back. A second call does nothing. */
  @Override
  public void close() {
    synchronized (monitor) {
      if (closed) {
        return;
      }
      closed = true;
    }
    supervisor.shutdownNow();
    boolean interrupted = false;
    try {
      if (!supervisor.awaitTermination(SUPERVISOR_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn(
            "a restart of PostgreSQL did not give up within {} s", SUPERVISOR_LIMIT.toSeconds());
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    ServerProcess last;
    synchronized (monitor) {
      last = server;
    }
    if (last != null) {
      last.stop(options.stopLimit());
    }
    try {
      log.close();
    } catch (IOException e) {
      LOG.warn("cannot close {}: {}", log.file(), e.toString());
    }
    release(lock);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Path pgdata() {
    return Placement.pgdata(folder());
  }

  private ServerProcess current() {
    synchronized (monitor) {
      ServerProcess current = server;
      if (current == null) {
        throw new IllegalStateException("PostgreSQL was not started");
      }
      return current;
    }
  }

  private void launchFirst() {
    if (options.port() != 0) {
      launch(options.port());
      return;
    }
    EmbeddedPostgresException last = null;
    for (int attempt = 0; attempt < MOST_PORTS; attempt++) {
      try {
        launch(options.ports().getAsInt());
        return;
      } catch (EmbeddedPostgresException e) {
        if (e.reason() != Reason.PORT_TAKEN) {
          throw e;
        }
        last = e; // somebody took it between our look and the server's
      }
    }
    throw new EmbeddedPostgresException(
        Reason.PORT_TAKEN,
        MOST_PORTS + " ports in a row were taken on " + HOST + " between look and use",
        last);
  }

  /** One start on one port; leaves either a server that answered us or none. */
  private void launch(int port) {
    List<String> command =
        new ArrayList<>(List.of(binaries.program("postgres"), "-D", pgdata().toString()));
    command.addAll(settings.arguments(port));
    ServerProcess launched =
        ServerProcess.launch(pgdata(), account, command, log, options.progress());
    boolean done = false;
    try {
      launched.awaitReady(options.startLimit());
      greet(port);
      synchronized (monitor) {
        this.port = port;
        startedAtNs = System.nanoTime();
        server = launched;
      }
      launched.onExit(() -> onExit(launched));
      done = true;
    } finally {
      if (!done) {
        launched.stop(options.stopLimit());
      }
    }
  }

  /** That somebody listens there is not enough: it has to be the server that knows our password. */
  private void greet(int port) {
    try (Session session = Session.open(port, SUPERUSER, password, "postgres")) {
      session.query("SELECT 1");
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          Reason.SERVER_FAILED,
          "PostgreSQL started on port %d but does not let us in with the password of %s: %s"
              .formatted(port, folder().resolve("postgres.password"), e.getMessage()),
          e);
    }
  }

  private void onExit(ServerProcess gone) {
    String epitaph = gone.epitaph();
    Duration wait;
    synchronized (monitor) {
      if (closed) {
        return;
      }
      wait = backoff.after(Duration.ofNanos(System.nanoTime() - startedAtNs));
    }
    String sentence = "%s; it is started again in %d ms, its log is %s"
        .formatted(epitaph, wait.toMillis(), log.file());
    LOG.warn("{}", sentence);
    schedule(wait);
    options.onExit().accept(sentence);
  }

  private void schedule(Duration wait) {
    try {
      var unused = supervisor.schedule(this::restart, wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("PostgreSQL is not started again: it was closed meanwhile", e);
    }
  }

  private void restart() {
    try {
      new Leftovers(pgdata(), account).stop(options.progress());
      launch(port());
      LOG.info("PostgreSQL runs again, port={} pid={}", port(), serverPid());
      options.progress().accept("PostgreSQL runs again");
    } catch (RuntimeException e) { // whatever it is, the next attempt may do better
      Duration wait;
      synchronized (monitor) {
        if (closed) {
          return;
        }
        wait = backoff.after(Duration.ZERO);
      }
      LOG.warn(
          "PostgreSQL did not start again, next attempt in {} ms: {}",
          wait.toMillis(),
          e.getMessage());
      schedule(wait);
    }
  }

  private static FolderLock lock(Path folder) {
    try {
      Attempt attempt = FolderLock.tryLock(folder, "postgres");
      if (attempt instanceof Attempt.Locked locked) {
        return locked.lock();
      }
      long pid = ((Attempt.Held) attempt).holder().pid();
      throw new EmbeddedPostgresException(
          Reason.FOLDER_LOCKED,
          "%s is in use by process %d (expected: no other one); stop that one, or use another data folder"
              .formatted(folder, pid));
    } catch (IOException e) {
      throw EmbeddedPostgresException.of("cannot lock " + folder, e);
    }
  }

  private static void release(FolderLock lock) {
    try {
      lock.close();
    } catch (IOException e) {
      LOG.warn("cannot release the lock of the data folder: {}", e.toString());
    }
  }
}
