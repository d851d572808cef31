/**
 * The checking half: judges a log, or one proof, by nothing but a public key.
 *
 * <p>It imports nothing of {@code io.vedette.trail}, and where it can it goes about things another way (recursion as in the RFC
 * instead of bit tricks, a binary counter instead of rows of tiles), so that a mistake there does not hide here. A test enforces
 * the first half of that sentence.
 *
 * <p>{@link io.vedette.trail.verify.LogVerifier} goes through a whole log, {@link io.vedette.trail.verify.RemoteLog} brings one over
 * HTTP, {@link io.vedette.trail.verify.ProofCheck} and {@link io.vedette.trail.verify.ConsistencyCheck} need no log at all. What is
 * wrong is told by a {@link io.vedette.trail.verify.Fault}.
 */
@NullMarked
package io.vedette.trail.verify;

import org.jspecify.annotations.NullMarked;
