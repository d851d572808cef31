/** Tests of the verification's parts; as a whole it is tested by tampering. */
@org.jspecify.annotations.NullMarked
package io.vedette.collector.integrate.verify;
