/** Text messages through a Messages API as Twilio defines it. */
@NullMarked
package io.vedette.alert.notify.sms;

import org.jspecify.annotations.NullMarked;
