package io.vedette.alert.wire;

import io.vedette.alert.notify.Group;
import io.vedette.alert.notify.Told;
import io.vedette.alert.route.GroupId;
import io.vedette.store.alert.GroupRow;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.TreeSet;

/** A group as its row. */
public final class GroupJson {
  private GroupJson() {}

  public static GroupRow encode(Group group) {
    JsonObject told = new JsonObject();
    group
        .told()
        .forEach((integration, last) -> told.put(
            integration,
            new JsonObject()
                .put("at", last.atUs())
                .put("firing", AlertJson.array(new TreeSet<>(last.firing())))
                .put("resolved", AlertJson.array(new TreeSet<>(last.resolved())))));
    return new GroupRow(
        group.id().receiver(),
        group.id().key(),
        AlertJson.map(group.id().labels()).encode(),
        group.createdUs(),
        group.flushUs(),
        group.flushedUs(),
        told.encode());
  }

  public static Group decode(GroupRow row) {
    Map<String, Told> told = new HashMap<>();
    new JsonObject(row.told()).forEach(entry -> {
      JsonObject last = (JsonObject) entry.getValue();
      told.put(
          entry.getKey(),
          new Told(
              new HashSet<>(AlertJson.list(last.getJsonArray("firing"))),
              new HashSet<>(AlertJson.list(last.getJsonArray("resolved"))),
              last.getLong("at")));
    });
    return new Group(
        new GroupId(row.receiver(), row.key(), AlertJson.strings(new JsonObject(row.labels()))),
        row.createdUs(),
        row.flushUs(),
        row.flushedUs(),
        told);
  }
}
