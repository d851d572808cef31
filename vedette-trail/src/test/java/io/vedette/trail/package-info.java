/** Tests of the writing half. */
@NullMarked
package io.vedette.trail;

import org.jspecify.annotations.NullMarked;
