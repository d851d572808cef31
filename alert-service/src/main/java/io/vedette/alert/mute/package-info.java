/** Silences and inhibitions. The answer names what muted. */
@NullMarked
package io.vedette.alert.mute;

import org.jspecify.annotations.NullMarked;
