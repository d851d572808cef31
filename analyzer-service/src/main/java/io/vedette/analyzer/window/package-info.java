/**
 * Panes, windows and log time. State after a batch is a function of the rules and of the batches up to it: no wall clock, no order of arrival, no randomness, and whatever is iterated is iterated in the order of
 * its keys.
 */
@NullMarked
package io.vedette.analyzer.window;

import org.jspecify.annotations.NullMarked;
