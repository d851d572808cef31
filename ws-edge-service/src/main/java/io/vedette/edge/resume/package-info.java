/** Recent history by position: the ring, its hole filling and the store behind it. */
@NullMarked
package io.vedette.edge.resume;

import org.jspecify.annotations.NullMarked;
