/** Webhooks in the form of Alertmanager's, version 4. */
@NullMarked
package io.vedette.alert.notify.webhook;

import org.jspecify.annotations.NullMarked;
