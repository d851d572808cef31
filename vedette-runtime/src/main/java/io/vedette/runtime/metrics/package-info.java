/**
 * The Prometheus registry and the time, volume and number of what passes each stage.
 */
@NullMarked
package io.vedette.runtime.metrics;

import org.jspecify.annotations.NullMarked;
