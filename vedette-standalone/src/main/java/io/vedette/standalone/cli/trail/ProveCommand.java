package io.vedette.standalone.cli.trail;

import io.vedette.collector.integrate.verify.StoredTrail;
import io.vedette.collector.integrate.verify.StoredTrail.Head;
import io.vedette.collector.integrate.verify.StoredTrail.Payload;
import io.vedette.collector.integrate.verify.StoredTrail.StoredNote;
import io.vedette.standalone.cli.CommandFailure;
import io.vedette.trail.InclusionProof;
import io.vedette.trail.Note;
import io.vedette.trail.ProofFile;
import io.vedette.trail.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes what shows, without us, that a record is in the log. */
@Command(
    name = "prove",
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = 1,
    description =
        "Write a proof (C2SP .tlog-proof) that the record of an index is in the log, and the record itself.")
final class ProveCommand implements Callable<Integer> {
  @Mixin
  private TrailDatabase database = new TrailDatabase();

  @Parameters(paramLabel = "INDEX", description = "the record's index")
  private long index;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "where to write the proof (default: INDEX.tlog-proof)")
  private @Nullable Path out;

  @Option(
      names = "--record-out",
      paramLabel = "FILE",
      description =
          "where to write the record's stored bytes (default: INDEX.json; not where it is erased)")
  private @Nullable Path recordOut;

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, SQLException {
    try (StoredTrail trail = database.open()) {
      Head head = trail.head();
      StoredNote newest = trail
          .newestCheckpoint(head.epoch())
          .orElseThrow(
              () -> new CommandFailure("the trail " + head.origin() + " has no checkpoint yet"));
      if (index < 0 || index >= newest.size()) {
        throw new CommandFailure("index " + index + " (expected: 0 to " + (newest.size() - 1)
            + ", the newest checkpoint covers " + newest.size() + " of " + head.size()
            + " records)");
      }
      Optional<Payload> payload = trail.payload(index);
      byte[] salt = payload.map(Payload::salt).orElse(null);
      Path proof = out == null ? Path.of(index + ProofFile.EXTENSION) : out;
      Files.write(
          proof,
          ProofFile.of(
                  salt,
                  InclusionProof.of(index, newest.size(), new StoredTiles(trail)),
                  Note.parse(newest.note()))
              .toBytes());
      spec.commandLine().getOut().println("proof  " + proof);
      if (payload.isPresent()) {
        Path record = recordOut == null ? Path.of(index + ".json") : recordOut;
        Files.write(record, payload.get().canonical());
        spec.commandLine().getOut().println("record " + record);
      } else {
        spec.commandLine()
            .getOut()
            .println("the record is gone (erased or expired): the proof is of its entry alone");
      }
      return 0;
    } catch (RefusedException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    }
  }
}
