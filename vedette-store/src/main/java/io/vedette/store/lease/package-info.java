/** Ownership of whatever needs one owner: rows with an owner, an epoch and a time limit by the database's clock, and the hash that says who should own. */
@NullMarked
package io.vedette.store.lease;

import org.jspecify.annotations.NullMarked;
