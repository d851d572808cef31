/** The routing tree: which receiver hears of an alert, in which group and after which waits. */
@NullMarked
package io.vedette.alert.route;

import org.jspecify.annotations.NullMarked;
