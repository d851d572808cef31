/** What sources have in common: who they are and why one does not run. */
@NullMarked
package io.vedette.collector.source;

import org.jspecify.annotations.NullMarked;
