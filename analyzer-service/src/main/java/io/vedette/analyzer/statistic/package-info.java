/** Mergeable accumulators and what can be read from them. Deterministic: the same values in the same order give the same bits. */
@NullMarked
package io.vedette.analyzer.statistic;

import org.jspecify.annotations.NullMarked;
