/** API tokens, of which only a hash is kept. */
@NullMarked
package io.vedette.store.auth;

import org.jspecify.annotations.NullMarked;
