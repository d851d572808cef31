/** Records from the systemd journal, read through journalctl. */
@NullMarked
package io.vedette.collector.source.journal;

import org.jspecify.annotations.NullMarked;
