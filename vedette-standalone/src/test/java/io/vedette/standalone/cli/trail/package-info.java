/** Tests of the trail's commands. */
@org.jspecify.annotations.NullMarked
package io.vedette.standalone.cli.trail;
