/** Gathers what sources offer into batches, and settles each offer when its batch is in the trail or refused. Pure: the verticle around it appends. */
@NullMarked
package io.vedette.collector.append;

import org.jspecify.annotations.NullMarked;
