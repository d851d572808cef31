/** The servers under test, each with a main of its own: the edge as it ships, and what Vert.x offers without it. Each answers on loopback and publishes the lines of its feed. */
@NullMarked
package io.vedette.benchmarks.edge.peer;

import org.jspecify.annotations.NullMarked;
