/** Tests of the checking half, most of them by breaking a log that the writing half made. */
@NullMarked
package io.vedette.trail.verify;

import org.jspecify.annotations.NullMarked;
