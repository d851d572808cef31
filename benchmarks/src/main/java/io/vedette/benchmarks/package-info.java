/** Load generators against a running instance, each a subcommand of {@code ./vedette bench}. Bounded in time, loopback only. */
@NullMarked
package io.vedette.benchmarks;

import org.jspecify.annotations.NullMarked;
