/**
 * Vert.x alone or as a member of a Hazelcast cluster whose members are named by the caller.
 */
@NullMarked
package io.vedette.runtime.cluster;

import org.jspecify.annotations.NullMarked;
