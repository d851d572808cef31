package io.vedette.standalone.cli.trail;

import io.vedette.collector.integrate.verify.StoredTrail;
import io.vedette.collector.integrate.verify.StoredTrail.StoredKey;
import io.vedette.standalone.cli.CommandFailure;
import io.vedette.standalone.cli.OwnerOnly;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.RefusedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Public keys as they are known, and new ones. */
@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = 1,
    description =
        "Show the public keys that sign, or signed, the trail; or generate a private key.")
final class KeysCommand implements Callable<Integer> {
  @Mixin
  private TrailDatabase database = new TrailDatabase();

  @Option(
      names = "--generate",
      paramLabel = "FILE",
      description =
          "write a new private key (mode 0600) for --origin and print its public one; no database is needed")
  private @Nullable Path generate;

  @Option(
      names = "--origin",
      paramLabel = "NAME",
      description = "with --generate: the trail's origin, for example example.org/audit")
  private @Nullable String origin;

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, SQLException {
    return generate == null ? show() : generate(generate);
  }

  private int generate(Path file) throws IOException {
    if (origin == null) {
      throw new CommandFailure(
          "--generate needs --origin, the name that is the first line of the checkpoints");
    }
    if (Files.exists(file)) {
      throw new CommandFailure(file + " exists (expected: a new file; a key is never overwritten)");
    }
    try {
      NoteSigner signer = NoteSigner.generate(origin);
      OwnerOnly.write(file, signer.secret() + "\n");
      spec.commandLine().getOut().println(signer.verifier().vkey());
      return 0;
    } catch (RefusedException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    }
  }

  private int show() throws SQLException {
    PrintWriter out = spec.commandLine().getOut();
    Optional<NoteSigner> own = database.ownKey(database.keyFile());
    own.ifPresent(signer -> out.println(signer.verifier().vkey() + "   " + database.keyFile()));
    try (StoredTrail trail = database.open()) {
      List<StoredKey> keys = trail.keys();
      for (StoredKey key : keys) {
        boolean known = own.isPresent() && own.get().verifier().vkey().equals(key.vkey());
        out.println(key.vkey() + "   database, " + (key.signing() ? "signs" : "signed earlier")
            + (known ? ", the same" : ""));
      }
      if (keys.isEmpty()) {
        out.println("the database names no key yet: nothing was signed");
      }
    }
    return 0;
  }
}
