/** What the analyzer keeps: rules in force, findings, panes and the state of its partitions. The edge reads panes from here for its charts. */
@NullMarked
package io.vedette.store.analysis;

import org.jspecify.annotations.NullMarked;
