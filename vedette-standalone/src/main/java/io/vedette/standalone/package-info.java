/**
 * The four services in one JVM with a PostgreSQL of their own, and the command line: {@code ./vedette up} and its siblings. Everything a service does is in its own module; here is only
 * what belongs to running them together.
 */
@NullMarked
package io.vedette.standalone;

import org.jspecify.annotations.NullMarked;
