package io.vedette.analyzer;

import io.vedette.runtime.config.Config;
import io.vedette.store.lease.Leases;
import java.time.Duration;

/** What an {@link AnalyzeVerticle} is told. */
record AnalyzeSettings(
    int trail,
    String node,
    Duration lease,
    Duration look,
    Duration store,
    Duration keepPanes,
    Duration keepFindings) {
  static AnalyzeSettings of(Config config, String node) {
    return new AnalyzeSettings(
        config.get(AnalyzerConfig.TRAIL),
        node,
        Leases.TTL,
        Leases.TTL.dividedBy(3),
        config.get(AnalyzerConfig.STORE_INTERVAL),
        config.get(AnalyzerConfig.PANE_RETENTION),
        config.get(AnalyzerConfig.FINDING_RETENTION));
  }
}
