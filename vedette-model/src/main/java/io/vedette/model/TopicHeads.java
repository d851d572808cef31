package io.vedette.model;

import java.util.Map;

/** Newest offset of each ordered topic of a trail; published every second so that a lost last message shows. For {@code records} the offset is the index of the newest record, -1 when none. */
public record TopicHeads(int trail, String epoch, Map<String, Long> offsets) {
  public TopicHeads {
    offsets = Map.copyOf(offsets);
  }
}
