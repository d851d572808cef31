package io.vedette.standalone.cli.trail;

import io.vedette.trail.verify.FaultException;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.ProofCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks a proof without a database, a network or trust in whoever sent it. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    exitCodeOnInvalidInput = 1,
    description =
        "Check a proof of a record offline. Exit code 2: it proves nothing, and it says why.")
final class CheckCommand implements Callable<Integer> {
  @Parameters(paramLabel = "PROOF-FILE", description = "a .tlog-proof")
  private Path proof = Path.of("");

  @Option(
      names = "--record",
      required = true,
      paramLabel = "FILE",
      description = "the record's bytes as they are stored")
  private Path record = Path.of("");

  @Option(
      names = "--key",
      required = true,
      paramLabel = "VKEY",
      description = "public key of the log, kept from earlier; repeatable")
  private List<String> keys = new ArrayList<>();

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    byte[] file = TrailDatabase.read(proof, "proof");
    byte[] bytes = TrailDatabase.read(record, "record");
    List<LogKey> known = keys.stream().map(TrailDatabase::key).toList();
    try {
      ProofCheck.Proven proven = ProofCheck.record(file, bytes, known.get(0).name(), known);
      spec.commandLine()
          .getOut()
          .println("ok: the record has index " + proven.index() + " in " + proven.checkpoint());
      return 0;
    } catch (FaultException e) {
      spec.commandLine().getOut().println("WRONG: " + e.fault());
      return VerifyCommand.WRONG;
    }
  }
}
