/**
 * PostgreSQL, the one durable store: connecting to it, its schema, its roles and its clock. What is kept there has its own sub-packages, one per concept.
 *
 * <p>Nothing here blocks an event loop but {@link io.vedette.store.Migrations} and {@link io.vedette.store.DatabaseAdmin}, which say so.
 */
@NullMarked
package io.vedette.store;

import org.jspecify.annotations.NullMarked;
