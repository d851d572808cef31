/** Tests of the integrator: killed at every step, put back, given other keys. */
@org.jspecify.annotations.NullMarked
package io.vedette.collector.integrate;
