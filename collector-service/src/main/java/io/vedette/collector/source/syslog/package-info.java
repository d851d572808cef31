/** Records by syslog: framing of streams (RFC 6587). */
@NullMarked
package io.vedette.collector.source.syslog;

import org.jspecify.annotations.NullMarked;
