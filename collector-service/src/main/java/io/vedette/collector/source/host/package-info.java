/** Samples of this host. */
@NullMarked
package io.vedette.collector.source.host;

import org.jspecify.annotations.NullMarked;
