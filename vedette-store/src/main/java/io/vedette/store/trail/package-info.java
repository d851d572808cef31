/** The trail: appending to it, reading it by batch, by index and by time, and following it. The database is the sequencer; nothing here keeps a number of its own. */
@NullMarked
package io.vedette.store.trail;

import org.jspecify.annotations.NullMarked;
