/** The analyzer as a service: what it listens to, what it owns, what it stores. The only package here that knows Vert.x. */
@NullMarked
package io.vedette.analyzer;

import org.jspecify.annotations.NullMarked;
