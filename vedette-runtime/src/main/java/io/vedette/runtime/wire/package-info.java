/**
 * How messages look on the event bus. Each form has a golden file: a change of it shows in the diff.
 */
@NullMarked
package io.vedette.runtime.wire;

import org.jspecify.annotations.NullMarked;
