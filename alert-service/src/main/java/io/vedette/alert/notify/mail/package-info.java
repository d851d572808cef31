/** E-mail: plain text and HTML, one thread per group. */
@NullMarked
package io.vedette.alert.notify.mail;

import org.jspecify.annotations.NullMarked;
