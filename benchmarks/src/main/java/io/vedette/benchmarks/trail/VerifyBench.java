package io.vedette.benchmarks.trail;

import io.vedette.collector.integrate.verify.StoredTrail;
import io.vedette.collector.integrate.verify.TrailVerification;
import io.vedette.standalone.cli.CommandFailure;
import io.vedette.store.DatabaseUrl;
import io.vedette.store.trail.SealedRecord;
import io.vedette.trail.Checkpoint;
import io.vedette.trail.EntryHasher;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.TreeBuilder;
import io.vedette.trail.verify.LogKey;
import io.vedette.trail.verify.LogVerifier;
import io.vedette.trail.verify.SignedCheckpoint;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How fast a trail is verified: from memory on one thread, and from its tables beside a plain read of the same rows. */
@Command(
    name = "verify",
    description =
        "Leaves verified per second and core from memory, and from the database beside a plain SELECT of the same rows.")
public final class VerifyBench implements Callable<Integer> {
  private static final String ORIGIN = "vedette.invalid/bench";
  private static final int BATCH = 1_000;
  private static final int FETCHED = 256;

  @Option(
      names = "--records",
      defaultValue = "100000",
      description = "records in the log (default: ${DEFAULT-VALUE})")
  private int count;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "rounds of each (default: ${DEFAULT-VALUE})")
  private int rounds;

  @Option(
      names = "--folder",
      defaultValue = "${sys:java.io.tmpdir}",
      description = "where the server's folder is made for the run (default: ${DEFAULT-VALUE})")
  private Path folder = Path.of(".");

  @Spec
  private CommandSpec spec = CommandSpec.create();

  /** Something that goes once over the log; answers how many leaves it saw. */
  private interface Pass {
    long run() throws SQLException;
  }

  /** A pass and its rates, leaves per second and per second of this thread's CPU time. */
  private record Timed(String name, Pass pass, List<Double> rates, List<Double> perCore) {
    Timed(String name, Pass pass) {
      this(name, pass, new ArrayList<>(), new ArrayList<>());
    }

    void time(boolean counts) throws SQLException {
      long startNs = System.nanoTime();
      long cpuNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      long leaves = pass.run();
      double seconds = (System.nanoTime() - startNs) / 1e9;
      double cpu = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuNs) / 1e9;
      if (counts) {
        rates.add(leaves / seconds);
        perCore.add(leaves / cpu);
      }
    }

    @Override
    public String toString() {
      rates.sort(null);
      perCore.sort(null);
      return String.format(
          Locale.ROOT,
          "%-28s %,9.0f leaves/s (%,.0f to %,.0f); %,.0f per second of this thread's CPU",
          name,
          rates.get(rates.size() / 2),
          rates.get(0),
          rates.get(rates.size() - 1),
          perCore.get(perCore.size() / 2));
    }
  }

  @Override
  public Integer call() throws IOException, SQLException {
    PrintWriter out = spec.commandLine().getOut();
    List<SealedRecord> records = new ArrayList<>(count);
    while (records.size() < count) {
      records.addAll(new AuditRecords(BATCH, "bench-0", records.size()).seal());
    }
    Vertx vertx = Vertx.vertx();
    try (BenchServer server = BenchServer.start(folder)) {
      out.println("machine    " + Machine.describe(server.folder()));
      out.println("PostgreSQL " + server.settings());
      out.printf("log        %d records; one thread; %d rounds in turns%n", count, rounds);
      memory(out, records);
      records.clear();
      try (BenchTrail trail = new BenchTrail(vertx, server)) {
        stored(out, server, trail);
      }
    } finally {
      Waits.value(vertx.close());
    }
    return 0;
  }

  private void memory(PrintWriter out, List<SealedRecord> records) throws SQLException {
    byte[] commitments = new byte[records.size() * SealedRecord.HASH_BYTES];
    for (int i = 0; i < records.size(); i++) {
      System.arraycopy(
          records.get(i).entry(),
          0,
          commitments,
          i * SealedRecord.HASH_BYTES,
          SealedRecord.HASH_BYTES);
    }
    TreeBuilder tree = TreeBuilder.empty();
    tree.append(new EntryHasher().leafHashes(commitments));
    NoteSigner signer = NoteSigner.generate(ORIGIN);
    SignedCheckpoint checkpoint = SignedCheckpoint.open(
        new Checkpoint(ORIGIN, records.size(), tree.root())
            .sign(List.of(signer))
            .toBytes(),
        LogKey.parse(signer.verifier().vkey()));
    Timed entries = new Timed("memory, entries and tree", () -> {
      try (LogVerifier verifier = LogVerifier.against(checkpoint).start()) {
        for (int i = 0; i < records.size(); i++) {
          verifier.add(LogVerifier.entry(commitments, i));
        }
        return checked(verifier.finish().ok(), records.size());
      }
    });
    Timed payloads = new Timed("memory, with every payload", () -> {
      try (LogVerifier verifier =
          LogVerifier.against(checkpoint).payloads(index -> false).start()) {
        for (int i = 0; i < records.size(); i++) {
          SealedRecord record = records.get(i);
          verifier.add(LogVerifier.entry(commitments, i), record.salt(), record.canonical());
        }
        return checked(verifier.finish().ok(), records.size());
      }
    });
    turns(out, List.of(entries, payloads));
  }

  private void stored(PrintWriter out, BenchServer server, BenchTrail trail) throws SQLException {
    AppendLoop loop =
        new AppendLoop(trail.collector(), new AuditRecords(BATCH, "bench-0", 42), "bench-0");
    for (int i = 0; i < count / BATCH; i++) {
      Waits.value(loop.write());
    }
    Waits.value(loop.close());
    trail.awaitSigned();
    DatabaseUrl url = server.collector();
    Timed verified = new Timed("database, verified", () -> {
      try (StoredTrail stored = StoredTrail.open(url, 1)) {
        TrailVerification.Result result = new TrailVerification(
                stored,
                new TrailVerification.Options(
                    List.of(LogKey.parse(trail.vkey())), List.of(), 1, Optional.empty()))
            .run((next, size, state) -> true);
        return checked(result.ok(), result.checked());
      }
    });
    Timed read = new Timed("database, plain SELECT", () -> plainRead(url));
    turns(out, List.of(verified, read));
    out.printf(
        Locale.ROOT,
        "verified : plain SELECT      median ratio %.2f%n",
        verified.rates.get(rounds / 2) / read.rates.get(rounds / 2));
    out.flush();
  }

  /** The same rows by the same driver: index, salt, record, in order. */
  private static long plainRead(DatabaseUrl url) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(url.jdbc(), url.user(), url.password());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false); // for the cursor
      statement.setFetchSize(FETCHED);
      long rows = 0;
      long bytes = 0;
      try (ResultSet result = statement.executeQuery(
          "SELECT index, salt, canonical FROM vedette.record WHERE trail = 1 ORDER BY index")) {
        while (result.next()) {
          bytes += result.getLong(1) + result.getBytes(2).length + result.getBytes(3).length;
          rows++;
        }
      }
      return bytes > 0 ? rows : 0;
    }
  }

  private void turns(PrintWriter out, List<Timed> all) throws SQLException {
    for (int round = -2; round < rounds; round++) {
      for (Timed one : all) {
        one.time(round >= 0);
      }
    }
    all.forEach(out::println);
    out.flush();
  }

  private static long checked(boolean ok, long leaves) {
    if (!ok) {
      throw new CommandFailure("the log does not verify");
    }
    return leaves;
  }
}
