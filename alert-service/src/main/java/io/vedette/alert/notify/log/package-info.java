/** A line in the service's own log: always there. */
@NullMarked
package io.vedette.alert.notify.log;

import org.jspecify.annotations.NullMarked;
