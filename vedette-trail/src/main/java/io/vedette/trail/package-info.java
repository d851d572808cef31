/**
 * A transparency log as a plain library: the writing half.
 *
 * <p>A {@link io.vedette.trail.TreeBuilder} turns leaf hashes into tiles and a root, a {@link io.vedette.trail.NoteSigner}
 * signs the {@link io.vedette.trail.Checkpoint} that commits to them, and {@link io.vedette.trail.InclusionProof}, {@link
 * io.vedette.trail.ConsistencyProof} and {@link io.vedette.trail.ProofFile} show others what is in it. Hashing is that of RFC
 * 6962 (and RFC 9162) with SHA-256; names and formats are those of C2SP: {@code tlog-tiles}, {@code tlog-checkpoint}, {@code
 * signed-note}, {@code tlog-proof}. Nothing here does input or output: tiles come from a {@link io.vedette.trail.TileReader},
 * results are values.
 *
 * <p>Whatever comes from outside and is not what it should be is refused with one exception, {@link
 * io.vedette.trail.RefusedException}, which tells what was found and what was expected. The package {@code
 * io.vedette.trail.verify} checks all of this again and shares no code with it.
 */
@NullMarked
package io.vedette.trail;

import org.jspecify.annotations.NullMarked;
