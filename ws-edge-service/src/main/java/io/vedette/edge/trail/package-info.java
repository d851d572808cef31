/** The transparency log as anyone may read it: checkpoints, tiles and entries (C2SP {@code tlog-tiles}), and proofs of single records. Nothing is shown beyond the newest published checkpoint. */
@NullMarked
package io.vedette.edge.trail;

import org.jspecify.annotations.NullMarked;
