/** The HTTP gateway: reads go to the store, changes to the owning service. */
@NullMarked
package io.vedette.edge.api;

import org.jspecify.annotations.NullMarked;
