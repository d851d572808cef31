/** Checks of the manifests below k8s/ with typed models, without a cluster. */
@NullMarked
package io.vedette.it.kubernetes;

import org.jspecify.annotations.NullMarked;
