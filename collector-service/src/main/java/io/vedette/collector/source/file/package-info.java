/** Records from text log files that grow and rotate. */
@NullMarked
package io.vedette.collector.source.file;

import org.jspecify.annotations.NullMarked;
