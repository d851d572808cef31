package io.vedette.analyzer.window;

import io.vedette.analyzer.rule.GroupKey;
import io.vedette.analyzer.rule.RuleBook;
import io.vedette.analyzer.rule.RulesFile;
import io.vedette.analyzer.window.Analysis.Folded;
import io.vedette.model.Batch;
import io.vedette.model.Finding;
import io.vedette.model.Sample;
import io.vedette.model.SampleBlock;
import io.vedette.model.Series;
import io.vedette.model.Stamps;
import io.vedette.store.analysis.KeyPanes;
import io.vedette.store.analysis.PaneBlock;
import io.vedette.store.analysis.PartitionRow;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Batches written by hand, and an analysis of all partitions that reads them. Times are seconds after {@link #T0_US}. */
final class Story {
  /** A whole hour, so that panes begin where a reader expects. */
  static final long T0_US = 1_767_225_600_000_000L;

  final RuleBook book = new RuleBook();
  final List<Batch> batches = new ArrayList<>();
  final List<Finding> findings = new ArrayList<>();
  final Map<String, byte[]> panes = new TreeMap<>();
  Analysis analysis;
  Folded last = new Folded(List.of(), Map.of(), 0);
  private final List<byte[]> records = new ArrayList<>();
  private final List<Sample> samples = new ArrayList<>();
  private long index;
  private int timeline = 1;
  private final Map<Integer, PartitionRow> stored = new HashMap<>();
  private final Map<String, List<KeyPanes>> blocks = new TreeMap<>();

  Story(String rules) {
    book.add(1, 1, List.of(new RulesFile("rules.yaml", rules)));
    analysis = begin();
  }

  private Analysis begin() {
    Analysis fresh = new Analysis(book);
    for (int p = 0; p < GroupKey.PARTITIONS; p++) {
      fresh.add(new Partition(PartitionRow.beginning(1, p, 0), 1, book));
    }
    return fresh;
  }

  static long us(double seconds) {
    return T0_US + Math.round(seconds * 1e6);
  }

  Story record(double time, String members) {
    return record(time, "test", members);
  }

  Story record(double time, String source, String members) {
    String text = "{\"source\":\"" + source + "\",\"time\":\""
        + Instant.ofEpochSecond(us(time) / 1_000_000, us(time) % 1_000_000 * 1000) + "\"," + members
        + "}";
    records.add(text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  Story sample(double time, String name, double value) {
    return sample(time, Series.of(name, Map.of()), value);
  }

  Story sample(double time, Series series, double value) {
    samples.add(new Sample(series, us(time), value));
    return this;
  }

  Story timeline(int number) {
    timeline = number;
    return this;
  }

  /** Commits what was gathered as the next batch. */
  Story at(double seconds) {
    Batch batch = new Batch(
        1,
        "e",
        batches.size() + 1,
        index,
        records.size(),
        us(seconds),
        timeline,
        true,
        records,
        samples.isEmpty() ? new byte[0] : SampleBlock.encode(samples),
        Stamps.UNKNOWN);
    index += records.size();
    records.clear();
    samples.clear();
    batches.add(batch);
    fold(batch);
    return this;
  }

  Story ticks(int from, int to) {
    for (int second = from; second <= to; second++) {
      at(second);
    }
    return this;
  }

  private void fold(Batch batch) {
    last = analysis.fold(batch);
    findings.addAll(last.findings());
  }

  /** Findings as {@code transition@seconds}, those since the last call. */
  String told() {
    StringBuilder text = new StringBuilder();
    for (Finding finding : findings) {
      text.append(text.isEmpty() ? "" : " ")
          .append(finding.transition())
          .append('@')
          .append((finding.atUs() - T0_US) / 1_000_000);
    }
    findings.clear();
    return text.toString();
  }

  /** Stores as an owner does: rows and the panes closed since. */
  void store() {
    for (ClosedPanes.OfRule of : analysis.closed(analysis.owned())) {
      byte[] block = PaneBlock.encode(of.rule().rule().paneUs(), of.keys());
      blocks
          .computeIfAbsent(of.rule().hash(), hash -> new ArrayList<>())
          .addAll(PaneBlock.decode(block));
    }
    for (Partition partition : analysis.owned()) {
      stored.put(partition.id(), partition.row());
      partition.stored();
    }
  }

  /** Loses everything in memory and takes up from what was stored; what was found after that is found again. */
  void crash() {
    Analysis recovered = new Analysis(book);
    long from = Long.MAX_VALUE;
    long storedBatch = 0;
    for (int p = 0; p < GroupKey.PARTITIONS; p++) {
      PartitionRow row = stored.getOrDefault(p, PartitionRow.beginning(1, p, 0));
      Partition partition = new Partition(row, 2, book);
      int id = p;
      blocks.forEach((hash, keys) -> keys.stream()
          .filter(key -> key.partition() == id)
          .forEach(key -> partition.load(hash, key)));
      recovered.add(partition);
      from = Math.min(from, row.batch() == 0 ? 0 : partition.replayFromUs());
      storedBatch = row.batch();
    }
    analysis = recovered;
    long kept = storedBatch;
    findings.removeIf(finding -> finding.batch() > kept);
    for (Batch batch : batches) {
      if (batch.number() > storedBatch || batch.atUs() >= from) {
        fold(batch);
      }
    }
  }

  /** Every closed pane: rule, key and start to its bytes. */
  Map<String, byte[]> allPanes() {
    store();
    blocks.forEach((hash, keys) -> keys.forEach(key -> key.panes()
        .forEach(pane -> panes.merge(
            hash + key.key() + pane.startUs(),
            PaneBlock.encode(1, List.of(new KeyPanes(key.partition(), key.key(), List.of(pane)))),
            (one, two) -> {
              throw new IllegalStateException("pane stored twice: " + key + pane);
            }))));
    return panes;
  }
}
