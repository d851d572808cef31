package io.vedette.benchmarks.edge;

import picocli.CommandLine.Command;

/** The parent of the edge's scenarios. */
@Command(
    name = "edge",
    description = "The edge beside its peers; needs two cores, node and, for nchan, nginx.",
    subcommands = {FanOut.class, Idle.class, Stall.class, FromPost.class, Report.class})
public final class EdgeCommand {}
