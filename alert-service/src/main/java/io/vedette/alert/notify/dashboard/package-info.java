/** The topic that browsers follow. */
@NullMarked
package io.vedette.alert.notify.dashboard;

import org.jspecify.annotations.NullMarked;
