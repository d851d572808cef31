/** {@code ./vedette trail}: verify, prove, check, export, keys, reopen. */
@org.jspecify.annotations.NullMarked
package io.vedette.standalone.cli.trail;
