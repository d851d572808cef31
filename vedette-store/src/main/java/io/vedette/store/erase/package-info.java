/** Erasure of records: payload and salt go, the entry stays, and the trail says who did it, when and why. */
@NullMarked
package io.vedette.store.erase;

import org.jspecify.annotations.NullMarked;
