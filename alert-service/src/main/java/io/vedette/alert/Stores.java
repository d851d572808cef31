package io.vedette.alert;

import io.vedette.store.Database;
import io.vedette.store.MicroClock;
import io.vedette.store.alert.AlertStore;
import io.vedette.store.alert.Outbox;
import io.vedette.store.alert.SilenceReader;
import io.vedette.store.lease.Leases;
import io.vedette.store.topic.Publications;
import io.vedette.store.trail.Appender;

/** What the alert service reads and writes, and the clock it goes by. */
record Stores(
    Database database,
    Leases leases,
    Appender appender,
    Publications publications,
    AlertStore alerts,
    SilenceReader silences,
    Outbox outbox,
    FindingSource findings,
    MicroClock clock) {}
