/** Ordered topics other than the records': publications, numbered without holes in the transaction that makes them. */
@NullMarked
package io.vedette.store.topic;

import org.jspecify.annotations.NullMarked;
