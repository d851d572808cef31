/**
 * What every service needs to run: addresses and codecs of the bus, health, shutdown, logging, and the context that carries them. No service is known here.
 */
@NullMarked
package io.vedette.runtime;

import org.jspecify.annotations.NullMarked;
