package io.vedette.benchmarks;

import io.vedette.benchmarks.edge.EdgeCommand;
import io.vedette.benchmarks.trail.AppendBench;
import io.vedette.benchmarks.trail.VerifyBench;
import io.vedette.standalone.cli.Subcommand;
import picocli.CommandLine.Command;

/** The parent of the benchmarks; found by the launcher through {@link Subcommand}. */
@Command(
    name = "bench",
    description = "Load generators against a running instance.",
    subcommands = {
      EndToEnd.class,
      AppendBench.class,
      VerifyBench.class,
      DoorBench.class,
      EdgeCommand.class
    })
public final class BenchCommand implements Subcommand {}
