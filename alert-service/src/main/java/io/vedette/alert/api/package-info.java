/** The Alertmanager API, version 2. */
@NullMarked
package io.vedette.alert.api;

import org.jspecify.annotations.NullMarked;
