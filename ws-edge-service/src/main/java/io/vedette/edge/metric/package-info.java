/** What the edge counts and times. */
@NullMarked
package io.vedette.edge.metric;

import org.jspecify.annotations.NullMarked;
