/** The steps of a pipeline, one file each. Pure. */
@NullMarked
package io.vedette.collector.process;

import org.jspecify.annotations.NullMarked;
