package io.vedette.standalone.cli.trail;

import io.vedette.collector.integrate.StateFiles;
import io.vedette.collector.integrate.verify.StoredTrail;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.Key;
import io.vedette.standalone.cli.CommandFailure;
import io.vedette.standalone.cli.RunningInstance;
import io.vedette.standalone.cli.UpCommand;
import io.vedette.store.DatabaseUrl;
import io.vedette.store.trail.TrailConfig;
import io.vedette.trail.Note;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.RefusedException;
import io.vedette.trail.verify.FaultException;
import io.vedette.trail.verify.LogKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which trail a command means: its database, and the folder with its key and the signer's memory. */
final class TrailDatabase {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "data",
      description = "folder of the running instance (default: ./data); VEDETTE_DATABASE_URL wins")
  Path folder = Path.of("data");

  @Option(
      names = "--database-url",
      paramLabel = "URL",
      description = "postgresql://user:password@host:5432/database (default: VEDETTE_DATABASE_URL)")
  @Nullable
  String url;

  @Option(
      names = "--trail",
      paramLabel = "N",
      defaultValue = "1",
      description = "which trail (default: 1)")
  int number = 1;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "configuration that the instance runs with, for its trail.key-file and trail.signer-state-file (default: config/vedette.yaml beside the launcher)")
  @Nullable
  Path configFile;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "any configuration key, as the instance was given it; repeatable")
  Map<String, String> sets = new LinkedHashMap<>();

  private @Nullable Config config;

  /** What the instance goes by; where nothing is set, the files of its data folder. */
  private Config config() {
    Config known = config;
    if (known == null) {
      Config read = Config.load(
          configFile == null ? UpCommand.shippedConfig() : configFile, System.getenv(), sets);
      Map<String, String> own = new LinkedHashMap<>();
      own.put(
          TrailConfig.KEY_FILE.path(),
          folder.resolve("trail.key").toAbsolutePath().toString());
      own.put(
          TrailConfig.SIGNER_STATE_FILE.path(),
          folder.resolve(StateFiles.NAME).toAbsolutePath().toString());
      read.keys().stream().filter(read::isSet).map(Key::path).forEach(own::remove);
      known = read.withOverrides(own);
      config = known;
    }
    return known;
  }

  DatabaseUrl database() {
    String named = url != null ? url : System.getenv("VEDETTE_DATABASE_URL");
    if (named != null) {
      return DatabaseUrl.parse(named);
    }
    Optional<String> instance = RunningInstance.find(folder).map(RunningInstance::databaseUrl);
    return DatabaseUrl.parse(instance.orElseThrow(() -> new CommandFailure(
        "no database named (expected: VEDETTE_DATABASE_URL, --database-url, or an instance running on "
            + folder.toAbsolutePath().normalize() + ")")));
  }

  StoredTrail open() {
    DatabaseUrl database = database();
    try {
      return StoredTrail.open(database, number);
    } catch (SQLException e) {
      throw new CommandFailure("database " + database + " cannot be used: " + e.getMessage(), e);
    }
  }

  /** {@code trail.key-file}; that of the data folder where it is not set. */
  Path keyFile() {
    return Path.of(config().get(TrailConfig.KEY_FILE).orElseThrow());
  }

  /** The private key in a file; empty where there is none. */
  Optional<NoteSigner> ownKey(Path file) {
    try {
      return Optional.of(NoteSigner.parse(Files.readString(file).strip()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | RefusedException e) {
      throw new CommandFailure("key " + file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Where the signer of an origin keeps what it signed last: as configured, else the data folder and the user's copy. */
  List<Path> stateFiles(String origin) {
    return StateFiles.of(config(), true).apply(origin);
  }

  /** What the signer remembers, as far as it can be read from here. */
  List<byte[]> signed(String origin) {
    List<byte[]> notes = new ArrayList<>();
    for (Path file : stateFiles(origin)) {
      try {
        if (Files.exists(file)) {
          notes.add(Note.parse(Files.readAllBytes(file)).toBytes());
        }
      } catch (IOException | RefusedException e) {
        throw new CommandFailure("checkpoint " + file + " cannot be read: " + e.getMessage(), e);
      }
    }
    return notes;
  }

  /** A public key as somebody typed it: one that is none says nothing about the trail. */
  static LogKey key(String vkey) {
    try {
      return LogKey.parse(vkey);
    } catch (FaultException e) {
      throw new CommandFailure("--key: " + e.fault().detail(), e);
    }
  }

  static byte[] read(Path file, String what) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new CommandFailure(what + " " + file + " cannot be read: " + e, e);
    }
  }
}
