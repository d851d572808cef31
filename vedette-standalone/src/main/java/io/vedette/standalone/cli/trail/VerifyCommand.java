package io.vedette.standalone.cli.trail;

import io.vedette.collector.integrate.verify.StoredTrail;
import io.vedette.collector.integrate.verify.StoredTrail.StoredKey;
import io.vedette.collector.integrate.verify.TrailVerification;
import io.vedette.collector.integrate.verify.TrailVerification.Options;
import io.vedette.collector.integrate.verify.TrailVerification.Result;
import io.vedette.standalone.cli.CommandFailure;
import io.vedette.trail.Checkpoint;
import io.vedette.trail.Note;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.RefusedException;
import io.vedette.trail.verify.Fault;
import io.vedette.trail.verify.FaultException;
import io.vedette.trail.verify.LogKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The whole trail, from its tables or from outside. Exit code 0: all is as it was signed; 2: something is not, and it says what and where; 1: it could not be found out. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = 1,
    description =
        "Verify the whole trail: every payload against its entry, entries against the tree, stored tiles, checkpoints. Exit code 2 names the first bad index and the reason.")
final class VerifyCommand implements Callable<Integer> {
  static final int WRONG = 2;

  @Mixin
  private TrailDatabase database = new TrailDatabase();

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "verify from outside, over C2SP tiles: http://host:8080 or .../trails/1. Needs --key and trusts nothing else.")
  private @Nullable String url;

  @Option(
      names = "--key",
      paramLabel = "VKEY",
      description =
          "public key that must have signed the newest checkpoint; repeatable (default with a database: that of the folder's trail.key)")
  private List<String> keys = new ArrayList<>();

  @Option(
      names = "--since",
      paramLabel = "FILE",
      description =
          "a checkpoint kept from earlier: the trail must begin with what it committed to; repeatable")
  private List<Path> since = new ArrayList<>();

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "with --url: an API token; records are fetched and compared as well")
  private @Nullable String token;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads that hash (default: one per core)")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--state",
      paramLabel = "FILE",
      description =
          "where an interrupted run is remembered (default: verify.state in the data folder; with --url none)")
  private @Nullable Path state;

  @Option(
      names = "--restart",
      description = "begin at the start, whatever an interrupted run came to")
  private boolean restart;

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, SQLException {
    if (threads < 1) {
      throw new ParameterException(
          spec.commandLine(), "--threads: " + threads + " (expected: 1 or more)");
    }
    try {
      return url == null ? stored() : remote(url);
    } catch (FaultException e) {
      return wrong(e.fault());
    }
  }

  private int remote(String from) {
    if (keys.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--url needs --key VKEY, which you have from its keeper and not from there");
    }
    if (state != null || restart) {
      throw new ParameterException(
          spec.commandLine(),
          "--state, --restart: a verification from outside begins at the start each time (expected: neither with --url)");
    }
    List<LogKey> trusted = keys.stream().map(TrailDatabase::key).toList();
    List<byte[]> earlier = earlier(trusted.get(0).name());
    RemoteVerification remote =
        new RemoteVerification(address(from), trusted, earlier, token, threads);
    VerifyProgress progress = new VerifyProgress(System::nanoTime, this::err, null);
    RemoteVerification.Outcome outcome;
    try {
      outcome = remote.run((next, size) -> progress.page(next, size, Optional.empty()));
    } catch (IOException | UncheckedIOException e) {
      throw new CommandFailure(
          "the log cannot be read: " + e.getMessage()
              + (token == null ? "; without trail.public: true it needs --token" : ""),
          e);
    }
    Fault fault = outcome.verdict().fault();
    if (fault != null) {
      return wrong(fault);
    }
    out()
        .printf(
            "ok: %s%n    %d entries lead to the signed root%s%n",
            outcome.checkpoint(),
            outcome.verdict().checked(),
            token == null
                ? "; records not looked at (--token)"
                : "; " + outcome.verdict().payloads() + " records belong to their entries, "
                    + outcome.verdict().excused()
                    + " are gone, each named by a record of the trail (erased or expired)");
    return 0;
  }

  private static RemoteAddress address(String url) {
    try {
      return RemoteAddress.of(url);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure("--url: " + e.getMessage(), e);
    }
  }

  private int stored() throws IOException, SQLException {
    try (StoredTrail trail = database.open()) {
      List<LogKey> trusted = trusted(trail);
      List<byte[]> held = earlier(trusted.get(0).name());
      held.addAll(database.signed(trusted.get(0).name()));
      Path file = state != null ? state : stateFile();
      Optional<byte[]> resume = resume(file);
      Options options = new Options(trusted, held, threads, resume);
      VerifyProgress progress = new VerifyProgress(System::nanoTime, this::err, file);
      Result result = new TrailVerification(trail, options).run((next, size, reached) -> {
        progress.page(next, size, reached);
        return true;
      });
      if (file != null) {
        Files.deleteIfExists(file);
      }
      Fault fault = result.fault();
      if (fault != null) {
        return wrong(fault);
      }
      if (resume.isPresent()) {
        err(
            result.resumedAt() == 0
                ? "begun at the start: a checkpoint held elsewhere is older than where the interrupted run was"
                : "what lies before " + result.resumedAt()
                    + " was verified by the interrupted run");
      }
      out()
          .printf(
              "ok: %s, %d entries of a checkpoint of size %d%s%n    %d records belong to their entries, %d are gone with an excuse (erased or expired)%n"
                  + "    %d stored checkpoints and %d held elsewhere agree; %d newer records belong to their entries and are not signed yet%n",
              trusted.get(0).name(),
              result.checked(),
              result.size(),
              result.resumedAt() == 0 ? "" : ", resumed at " + result.resumedAt(),
              result.payloads(),
              result.excused(),
              result.checkpoints(),
              result.held(),
              result.unsigned());
      return 0;
    }
  }

  private List<LogKey> trusted(StoredTrail trail) throws SQLException {
    if (!keys.isEmpty()) {
      return keys.stream().map(TrailDatabase::key).toList();
    }
    Optional<NoteSigner> own = database.ownKey(database.keyFile());
    if (own.isPresent()) {
      return List.of(LogKey.parse(own.get().verifier().vkey()));
    }
    List<LogKey> named = trail.keys().stream()
        .filter(StoredKey::signing)
        .map(key -> LogKey.parse(key.vkey()))
        .toList();
    if (named.isEmpty()) {
      throw new CommandFailure(
          "no key known (expected: --key VKEY, or " + database.keyFile() + ")");
    }
    err("note: the key comes from the database that is verified; name yours with --key");
    return named;
  }

  /** What cannot be a checkpoint of this log says nothing about it. */
  private List<byte[]> earlier(String origin) {
    List<byte[]> notes = new ArrayList<>();
    for (Path file : since) {
      byte[] note = TrailDatabase.read(file, "checkpoint");
      try {
        String found = Checkpoint.parse(Note.parse(note).text()).origin();
        if (!found.equals(origin)) {
          throw new CommandFailure(
              "--since: " + file + " is of " + found + " (expected: of " + origin + ")");
        }
      } catch (RefusedException e) {
        throw new CommandFailure("--since: " + file + ": " + e.getMessage(), e);
      }
      notes.add(note);
    }
    return notes;
  }

  private @Nullable Path stateFile() {
    return Files.isDirectory(database.folder) ? database.folder.resolve("verify.state") : null;
  }

  private Optional<byte[]> resume(@Nullable Path file) throws IOException {
    if (file == null || restart || !Files.exists(file)) {
      return Optional.empty();
    }
    err("an interrupted run is remembered in " + file + " (--restart begins at the start)");
    return Optional.of(Files.readAllBytes(file));
  }

  private int wrong(Fault fault) {
    out().println("WRONG: " + fault);
    return WRONG;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private void err(String text) {
    spec.commandLine().getErr().println(text);
  }
}
