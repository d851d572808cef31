/** What the trail costs: appending beside bare inserts of the same rows, verifying beside plain reads. */
@NullMarked
package io.vedette.benchmarks.trail;

import org.jspecify.annotations.NullMarked;
