/** Live rows: which processes run, with the addresses by which they find each other. */
@NullMarked
package io.vedette.store.node;

import org.jspecify.annotations.NullMarked;
