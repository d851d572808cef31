/** Checks the whole stored trail: every payload against its entry, entries against the tree, stored tiles and checkpoints. Shares nothing with what writes them but the tables. */
@org.jspecify.annotations.NullMarked
package io.vedette.collector.integrate.verify;
