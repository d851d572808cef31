/**
 * The words of Vedette as types: what travels between services and what is stored. No Vert.x, no SQL.
 *
 * <p>Message records are immutable; their compact constructors validate and copy. Times are microseconds since the epoch ({@code ...Us}) unless the name says otherwise.
 */
@NullMarked
package io.vedette.model;

import org.jspecify.annotations.NullMarked;
