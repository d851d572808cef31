/**
 * Doors to the outside: routers with Host check, security headers, problem+json, metrics and health, and listeners that name the process on an occupied port.
 */
@NullMarked
package io.vedette.runtime.http;

import org.jspecify.annotations.NullMarked;
