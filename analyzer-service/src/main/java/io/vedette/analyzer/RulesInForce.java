package io.vedette.analyzer;

import io.vedette.analyzer.rule.RuleBook;
import io.vedette.analyzer.rule.RulesFile;
import io.vedette.model.Batch;
import io.vedette.store.analysis.RuleRevision;
import io.vedette.store.analysis.RuleRevisions;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the book of rules at the newest revision of the database. On the verticle's context. */
final class RulesInForce {
  private static final Logger LOG = LoggerFactory.getLogger(RulesInForce.class);
  private static final byte[] MARK =
      ("\"action\":\"" + RuleRevisions.ACTION + "\"").getBytes(StandardCharsets.UTF_8);

  private final RuleRevisions revisions;
  private final int trail;
  private final RuleBook book;

  RulesInForce(RuleRevisions revisions, int trail, RuleBook book) {
    this.revisions = revisions;
    this.trail = trail;
    this.book = book;
  }

  boolean isEmpty() {
    return book.newestRevision() == 0;
  }

  /** Whether rules have to be read before this batch is folded. */
  boolean mayChangeWith(Batch batch) {
    return isEmpty() || names(batch);
  }

  Future<Void> read() {
    return revisions.after(trail, book.newestRevision()).map(found -> {
      found.forEach(this::add);
      return null;
    });
  }

  private void add(RuleRevision revision) {
    List<RulesFile> files = new ArrayList<>();
    revision.files().forEach((name, text) -> files.add(new RulesFile(name, text)));
    book.add(revision.revision(), revision.validFrom(), files);
    LOG.info("rules in force revision={} from batch={}", revision.revision(), revision.validFrom());
  }

  /** Whether a record may put rules in force: looks for its action without reading it. Whoever writes the same costs us one query. */
  private static boolean names(Batch batch) {
    for (byte[] record : batch.records()) {
      for (int at = 0; at <= record.length - MARK.length; at++) {
        if (record[at] == MARK[0]
            && Arrays.equals(record, at, at + MARK.length, MARK, 0, MARK.length)) {
          return true;
        }
      }
    }
    return false;
  }
}
