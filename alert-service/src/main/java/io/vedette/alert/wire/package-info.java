/** How alerts, groups, silences and notices are written as JSON: in rows, on topics and in answers. */
@NullMarked
package io.vedette.alert.wire;

import org.jspecify.annotations.NullMarked;
