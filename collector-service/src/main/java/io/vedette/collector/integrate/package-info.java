/** Turns committed entries into tiles and signed checkpoints, keeps one history, and checks all of it again and again. */
@org.jspecify.annotations.NullMarked
package io.vedette.collector.integrate;
