/** What of a topic a subscription wants: filters of ordered topics, compiled once and found by value; no Vert.x here. */
@NullMarked
package io.vedette.edge.filter;

import org.jspecify.annotations.NullMarked;
