/** When to write and when to stop writing: flush ticks, budgets and their verdicts. */
@NullMarked
package io.vedette.edge.queue;

import org.jspecify.annotations.NullMarked;
