/** The alert service: wiring, verticles and configuration. */
@NullMarked
package io.vedette.alert;

import org.jspecify.annotations.NullMarked;
