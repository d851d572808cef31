package io.vedette.standalone.cli.trail;

import io.vedette.collector.integrate.SignerState;
import io.vedette.collector.integrate.verify.Agreement;
import io.vedette.collector.integrate.verify.StoredTrail;
import io.vedette.collector.integrate.verify.StoredTrail.Head;
import io.vedette.collector.integrate.verify.StoredTrail.StoredKey;
import io.vedette.runtime.Codecs;
import io.vedette.standalone.cli.CommandFailure;
import io.vedette.standalone.cli.OwnerOnly;
import io.vedette.store.Database;
import io.vedette.store.DatabaseOptions;
import io.vedette.store.SqlFailure;
import io.vedette.store.trail.Appender;
import io.vedette.store.trail.Reopening;
import io.vedette.store.trail.Reopening.Reopened;
import io.vedette.store.trail.Trail;
import io.vedette.trail.Checkpoint;
import io.vedette.trail.Note;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.verify.LogKey;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What an operator says who put a backup back: from here on it is another history, and everybody shall see that. */
@Command(
    name = "reopen",
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = 1,
    description =
        "Declare that the trail was restored or shortened: a gap record, a new incarnation, a new origin and key. Checkpoints of the former origin stay what they are: proof of what was lost.")
final class ReopenCommand implements Callable<Integer> {
  private static final long LIMIT_S = 120;

  @Mixin
  private TrailDatabase database = new TrailDatabase();

  @Option(
      names = "--reason",
      required = true,
      paramLabel = "TEXT",
      description = "why, for the record: \"backup of Tuesday restored\"")
  private String reason = "";

  @Option(
      names = "--origin",
      paramLabel = "NAME",
      description =
          "the new origin (default: a random one; in a cluster name yours, and set trail.origin to it)")
  private @Nullable String origin;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description =
          "the private key of the trail, which is put aside and replaced by a new one (default: trail.key-file as configured, else trail.key in the data folder)")
  private @Nullable Path keyFile;

  @Option(
      names = "--signer-state-file",
      paramLabel = "FILE",
      description =
          "the signer's last checkpoint, which is put aside (default: trail.signer-state-file and -copy as configured, else last-checkpoint in the data folder, and its copy)")
  private @Nullable Path stateFile;

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException, SQLException {
    Path key = keyFile == null ? database.keyFile() : keyFile;
    NoteSigner old = database
        .ownKey(key)
        .orElseThrow(() -> new CommandFailure("no key at " + key
            + " (expected: the trail's; who reopens a trail has to hold it: --key-file)"));
    if (old.name().equals(origin)) {
      throw new CommandFailure(
          "--origin: " + origin
              + " is the trail's (expected: a new one; checkpoints of the former stay proof of what was lost)");
    }
    SignerState state = new SignerState(this::stateFiles);
    Optional<Note> last = state.read(old.name());
    long signed =
        last.map(Note::text).map(text -> Checkpoint.parse(text).size()).orElse(-1L);
    // Before anything is changed: whatever happens from here on, the key that the trail will name
    // is not lost.
    Path pending = key.resolveSibling(key.getFileName() + ".reopened");
    if (Files.exists(pending)) {
      throw new CommandFailure(pending
          + " exists: an earlier reopen did not come to its end (expected: none; if vedette trail keys names it as the one that signs, make it "
          + key + ", else remove it)");
    }
    long agreed = agreed(old, last);
    String epoch = random();
    NoteSigner fresh = NoteSigner.generate(origin == null ? "vedette.invalid/" + epoch : origin);
    OwnerOnly.write(pending, fresh.secret() + "\n");
    Vertx vertx = Vertx.vertx();
    Codecs.register(vertx.eventBus());
    Reopened reopened;
    try {
      reopened = await(
          Database.connect(vertx, database.database(), DatabaseOptions.DEFAULT.withPoolSize(2))
              .compose(connected -> reopen(connected, old, fresh, epoch, signed, agreed)));
    } catch (CommandFailure failed) {
      if (isRefused(failed)) {
        Files.delete(pending);
      }
      throw failed;
    } finally {
      await(vertx.close());
    }
    OwnerOnly.write(
        key.resolveSibling(
            key.getFileName() + "." + old.verifier().name().replaceAll("[^A-Za-z0-9.-]+", "_")),
        old.secret() + "\n");
    state.retire(old.name(), epoch);
    Files.move(pending, key, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    PrintWriter out = spec.commandLine().getOut();
    out.println("reopened with " + reopened.size() + " entries"
        + (signed > reopened.size()
            ? "; " + (signed - reopened.size()) + " that were signed are lost"
            : "")
        + (agreed == 0
            ? "; no signed checkpoint known here is of what is left"
            : "; agrees with what was signed up to " + agreed));
    out.println("  origin  " + reopened.origin());
    out.println("  epoch   " + reopened.epoch());
    out.println("  key     " + fresh.verifier().vkey() + "   " + key);
    out.println(
        "the former key and checkpoint lie beside them; restart the instance so that every service begins the new incarnation");
    return 0;
  }

  /** How much of what was signed is left; refuses a key that does not sign the trail. */
  private long agreed(NoteSigner old, Optional<Note> last) throws SQLException {
    try (StoredTrail trail = database.open()) {
      Head head = trail.head();
      if (!head.origin().equals(old.name())) {
        throw new CommandFailure(
            "the key is of " + old.name() + " (expected: of the trail, " + head.origin() + ")");
      }
      List<StoredKey> all = trail.keys();
      if (all.stream().anyMatch(it -> it.origin().equals(origin))) {
        throw new CommandFailure(
            "--origin: " + origin
                + " was the trail's before it was reopened (expected: a new one; two logs of one origin could not be told apart)");
      }
      List<StoredKey> keys =
          all.stream().filter(it -> it.origin().equals(head.origin())).toList();
      String own = old.verifier().vkey();
      if (!keys.isEmpty()
          && keys.stream().noneMatch(it -> it.signing() && it.vkey().equals(own))) {
        throw new CommandFailure("the key is " + own + " (expected: one that signs the trail, "
            + keys.stream().filter(StoredKey::signing).map(StoredKey::vkey).toList()
            + "; in a backup from before the key was replaced that is the former one: --key-file)");
      }
      List<LogKey> known = new ArrayList<>(List.of(LogKey.parse(own)));
      keys.forEach(it -> known.add(LogKey.parse(it.vkey())));
      List<byte[]> notes = new ArrayList<>();
      trail.checkpoints(head.epoch()).forEach(it -> notes.add(it.note()));
      last.ifPresent(note -> notes.add(note.toBytes()));
      return Agreement.upTo(trail, head.origin(), known, notes);
    }
  }

  private Future<Reopened> reopen(
      Database connected,
      NoteSigner old,
      NoteSigner fresh,
      String epoch,
      long signed,
      long agreed) {
    Appender appender = new Appender(connected, connected.vertx().eventBus());
    return Trail.await(connected, database.number)
        .compose(trail -> trail.origin().equals(old.name())
            ? new Reopening(connected, appender)
                .reopen(trail, epoch, old, fresh, reason, signed, agreed)
            : Future.failedFuture(
                new CommandFailure("the trail was reopened meanwhile, as " + trail.origin())))
        .eventually(appender::close)
        .eventually(connected::close);
  }

  /** Whether the database said no, so that nothing was changed; a connection that was lost says neither. */
  private static boolean isRefused(CommandFailure failed) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      String state = SqlFailure.sqlState(cause);
      if (!state.isEmpty() && !state.startsWith("08") && !state.startsWith("57")) {
        return true;
      }
    }
    return false;
  }

  private List<Path> stateFiles(String ofOrigin) {
    return stateFile == null ? database.stateFiles(ofOrigin) : List.of(stateFile);
  }

  private static String random() {
    byte[] bytes = new byte[8];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static <T> T await(Future<T> future) throws InterruptedException {
    try {
      return future.toCompletionStage().toCompletableFuture().get(LIMIT_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new CommandFailure(String.valueOf(cause.getMessage()), e);
    } catch (TimeoutException e) {
      throw new CommandFailure("the database did not answer within " + LIMIT_S + " s", e);
    }
  }
}
