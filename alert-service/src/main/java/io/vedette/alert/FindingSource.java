package io.vedette.alert;

import io.vedette.model.Finding;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;

/** Where findings come from: those after the cursors (partition to number), in order within each partition. */
@FunctionalInterface
interface FindingSource {
  Future<List<Finding>> after(int trail, Map<Integer, Long> cursors, int limit);
}
