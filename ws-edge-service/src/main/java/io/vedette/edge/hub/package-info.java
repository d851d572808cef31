/** Who listens to what on this node: topics, lanes (one per event loop) and sessions. */
@NullMarked
package io.vedette.edge.hub;

import org.jspecify.annotations.NullMarked;
