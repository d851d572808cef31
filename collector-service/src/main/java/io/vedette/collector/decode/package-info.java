/** Bytes to records, or a rejection with its reason. Pure: no clock, no Vert.x. */
@NullMarked
package io.vedette.collector.decode;

import org.jspecify.annotations.NullMarked;
