/** Frames and close codes: what goes over the wire, and nothing about how. */
@NullMarked
package io.vedette.edge.protocol;

import org.jspecify.annotations.NullMarked;
