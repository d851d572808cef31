/** Alerts, silences and notifications as rows: readers for everybody, writers for the one alert service that holds the lease. */
@NullMarked
package io.vedette.store.alert;

import org.jspecify.annotations.NullMarked;
