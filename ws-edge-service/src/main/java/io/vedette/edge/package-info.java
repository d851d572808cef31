/** The WebSocket edge: topics of the event bus to browsers, the HTTP API and the dashboard. Only this package and {@code api} know Vert.x. */
@NullMarked
package io.vedette.edge;

import org.jspecify.annotations.NullMarked;
