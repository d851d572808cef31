/** The edge beside its peers: one server process after the other on one core, the load on the other. Bounded in time, loopback only. */
@NullMarked
package io.vedette.benchmarks.edge;

import org.jspecify.annotations.NullMarked;
