package io.vedette.alert.notify;

import io.vedette.alert.route.GroupId;
import java.util.HashMap;
import java.util.Map;

/**
 * The clocks and the memory of a group, as its row keeps them over restarts.
 *
 * @param flushUs when to look at the group next, 0 when nothing is due
 * @param flushedUs when it was looked at last, 0 for never
 * @param told by integration ({@code webhook/0})
 */
public record Group(
    GroupId id, long createdUs, long flushUs, long flushedUs, Map<String, Told> told) {
  public Group {
    told = Map.copyOf(told);
  }

  Group dueAt(long atUs) {
    return new Group(id, createdUs, atUs, flushedUs, told);
  }

  Group flushed(long nowUs, long nextUs, Map<String, Told> news) {
    Map<String, Told> all = new HashMap<>(told);
    all.putAll(news);
    return new Group(id, createdUs, nextUs, nowUs, all);
  }

  Told told(String integration) {
    return told.getOrDefault(integration, Told.NOTHING);
  }
}
