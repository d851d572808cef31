/** Whether the trail goes on: the one alert that no rule can raise, because rules are judged when batches come. */
@NullMarked
package io.vedette.alert.pulse;

import org.jspecify.annotations.NullMarked;
