/** The collector: takes records and samples from sources, processes them and appends them to the trail. Wiring and verticles; the logic is in the packages below. */
@NullMarked
package io.vedette.collector;

import org.jspecify.annotations.NullMarked;
