/** From a group of alerts to a message at a receiver: the decision, the outbox and the sending, one stage per file. */
@NullMarked
package io.vedette.alert.notify;

import org.jspecify.annotations.NullMarked;
