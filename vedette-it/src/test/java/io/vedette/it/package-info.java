/** Tests of the whole: several processes, a browser, Kubernetes manifests. Nothing depends on this module. */
@NullMarked
package io.vedette.it;

import org.jspecify.annotations.NullMarked;
