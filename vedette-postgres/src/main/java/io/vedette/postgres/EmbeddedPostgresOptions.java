package io.vedette.postgres;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where and how a server runs. Immutable: every {@code with} returns a copy. The defaults are durable and authenticated;
 * whoever wants less has to write it down in {@link #withSettings}.
 */
public final class EmbeddedPostgresOptions {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgresOptions.class);

  /** Settings that belong to the launcher: were they given twice, the one would quietly win over the other. */
  private static final Set<String> OURS = Set.of(
      "port",
      "listen_addresses",
      "unix_socket_directories",
      "data_directory",
      "config_file",
      "hba_file");

  private static final Pattern SETTING = Pattern.compile("[a-z_][a-z0-9_.]*");
  private static final Pattern DATABASE = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

  private Path folder;
  private String database = "vedette";
  private Map<String, String> settings = Map.of();
  private int port;
  private IntSupplier ports = Ports::free;
  private @Nullable Path binaries;
  private @Nullable Path unpacked;
  private Path fallback = Path.of("/var/lib/vedette");
  private Duration startLimit = Duration.ofMinutes(2);
  private Duration stopLimit = Duration.ofSeconds(30);
  private Consumer<String> progress = sentence -> {};
  private Consumer<String> onExit = sentence -> {};

  private EmbeddedPostgresOptions(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /** A server whose data live below this folder, which is made if it is missing. */
  public static EmbeddedPostgresOptions in(Path folder) {
    return new EmbeddedPostgresOptions(folder);
  }

  /** The database that exists once the server runs; {@code vedette} by default. */
  public EmbeddedPostgresOptions withDatabase(String database) {
    String checked = checkedDatabase(database);
    return copy(options -> options.database = checked);
  }

  /**
   * Settings of {@code postgresql.conf} on top of the built-in ones. With {@code fsync=off} the new data folder is not
   * synced either: for tests that do not test durability.
   */
  public EmbeddedPostgresOptions withSettings(Map<String, String> settings) {
    for (String name : settings.keySet()) {
      if (!SETTING.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "setting " + name + " (expected: a name as in postgresql.conf)");
      }
      if (OURS.contains(name)) {
        throw new IllegalArgumentException(
            "setting " + name + " is the launcher's own and cannot be given");
      }
    }
    Map<String, String> merged = new LinkedHashMap<>(this.settings);
    merged.putAll(settings);
    return copy(options -> options.settings = Map.copyOf(merged));
  }

  /** The port on 127.0.0.1; 0, the default, takes a free one. */
  public EmbeddedPostgresOptions withPort(int port) {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port " + port + " (expected: 0..65535)");
    }
    return copy(options -> options.port = port);
  }

  /** Unpack the binaries here instead of below the data folder; several servers may share the place. */
  public EmbeddedPostgresOptions withBinaries(Path binaries) {
    return copy(options -> options.binaries = binaries.toAbsolutePath().normalize());
  }

  /** Where {@link Unpack} may have put the binaries already; they are copied from there, which takes less time. */
  public EmbeddedPostgresOptions withUnpacked(Path unpacked) {
    return copy(options -> options.unpacked = unpacked.toAbsolutePath().normalize());
  }

  /** The folder to use when this process is root and the server's account cannot reach the one asked for. */
  public EmbeddedPostgresOptions withFallback(Path fallback) {
    return copy(options -> options.fallback = fallback.toAbsolutePath().normalize());
  }

  /** How long a start may go without a sign of progress; crash recovery gives such signs. 120 s by default. */
  public EmbeddedPostgresOptions withStartLimit(Duration startLimit) {
    return copy(options -> options.startLimit = startLimit);
  }

  /** How long a fast shutdown may take before the server is made to go without one; 30 s by default. */
  public EmbeddedPostgresOptions withStopLimit(Duration stopLimit) {
    return copy(options -> options.stopLimit = stopLimit);
  }

  /** Told, in a sentence each, what takes time: unpacking, first start, recovery, restarts. Called on any thread. */
  public EmbeddedPostgresOptions withProgress(Consumer<String> progress) {
    return copy(options -> options.progress = guarded(progress));
  }

  /** Told when the server went away without having been stopped; it is started again by itself. Called on any thread. */
  public EmbeddedPostgresOptions withOnExit(Consumer<String> onExit) {
    return copy(options -> options.onExit = guarded(onExit));
  }

  /** Where free ports come from: lets a test hand out one that is taken. */
  EmbeddedPostgresOptions withPorts(IntSupplier ports) {
    return copy(options -> options.ports = ports);
  }

  Path folder() {
    return folder;
  }

  IntSupplier ports() {
    return ports;
  }

  String database() {
    return database;
  }

  Map<String, String> settings() {
    return settings;
  }

  int port() {
    return port;
  }

  @Nullable
  Path binaries() {
    return binaries;
  }

  @Nullable
  Path unpacked() {
    return unpacked;
  }

  Path fallback() {
    return fallback;
  }

  Duration startLimit() {
    return startLimit;
  }

  Duration stopLimit() {
    return stopLimit;
  }

  Consumer<String> progress() {
    return progress;
  }

  Consumer<String> onExit() {
    return onExit;
  }

  static String checkedDatabase(String name) {
    if (!DATABASE.matcher(name).matches()) {
      throw new IllegalArgumentException("database " + name
          + " (expected: 1 to 63 of a-z, 0-9 and _, not beginning with a digit)");
    }
    return name;
  }

  /** A listener that throws must not stop the thread that tells it: that one may be all that empties the server's pipe. */
  private static Consumer<String> guarded(Consumer<String> listener) {
    return sentence -> {
      try {
        listener.accept(sentence);
      } catch (RuntimeException e) {
        LOG.error("a listener failed on: {}", sentence, e);
      }
    };
  }

  private EmbeddedPostgresOptions copy(Consumer<EmbeddedPostgresOptions> change) {
    EmbeddedPostgresOptions copy = new EmbeddedPostgresOptions(folder);
    copy.database = database;
    copy.settings = settings;
    copy.port = port;
    copy.ports = ports;
    copy.binaries = binaries;
    copy.unpacked = unpacked;
    copy.fallback = fallback;
    copy.startLimit = startLimit;
    copy.stopLimit = stopLimit;
    copy.progress = progress;
    copy.onExit = onExit;
    change.accept(copy);
    return copy;
  }
}
