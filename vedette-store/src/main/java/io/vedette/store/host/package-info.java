/** Runs services in a process of their own, as members of a cluster. */
@NullMarked
package io.vedette.store.host;

import org.jspecify.annotations.NullMarked;
