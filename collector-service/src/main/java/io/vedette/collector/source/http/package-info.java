/** Records by HTTP: splits a body of any of the three shapes into records while it streams, and makes the answer. */
@NullMarked
package io.vedette.collector.source.http;

import org.jspecify.annotations.NullMarked;
