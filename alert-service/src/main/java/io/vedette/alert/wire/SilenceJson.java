package io.vedette.alert.wire;

import io.vedette.alert.mute.NewSilence;
import io.vedette.alert.mute.Silence;
import io.vedette.alert.route.Matcher;
import io.vedette.store.alert.SilenceRow;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Silences as Alertmanager's API writes them. */
public final class SilenceJson {
  private SilenceJson() {}

  /** A silence somebody asks for. Throws IllegalArgumentException that names the wrong field. */
  public static NewSilence parse(JsonObject json, String principal, long nowUs) {
    List<Matcher> matchers = new ArrayList<>();
    Object list = json.getValue("matchers");
    if (!(list instanceof JsonArray array)) {
      throw Fields.wrong(
          "matchers", String.valueOf(list), "a list of {name, value, isRegex, isEqual}");
    }
    for (int i = 0; i < array.size(); i++) {
      if (!(array.getValue(i) instanceof JsonObject matcher)) {
        throw Fields.wrong("matchers[" + i + "]", String.valueOf(array.getValue(i)), "an object");
      }
      matchers.add(matcher(matcher));
    }
    long startsUs = Fields.time(json, "startsAt");
    long endsUs = Fields.time(json, "endsAt");
    if (endsUs == 0) {
      throw Fields.wrong("endsAt", "nothing", "an RFC 3339 time: a silence has an end");
    }
    if (endsUs <= nowUs) {
      throw Fields.wrong("endsAt", Times.text(endsUs), "a time that is not past");
    }
    return new NewSilence(
        Fields.text(json, "id", ""),
        matchers,
        startsUs == 0 ? nowUs : startsUs,
        endsUs,
        Fields.text(json, "createdBy", principal),
        Fields.text(json, "comment", ""));
  }

  public static SilenceRow encode(int trail, Silence silence) {
    JsonArray matchers = new JsonArray();
    for (Matcher matcher : silence.matchers()) {
      matchers.add(new JsonObject()
          .put("name", matcher.name())
          .put("value", matcher.value())
          .put("isRegex", matcher.isRegex())
          .put("isEqual", matcher.isEqual()));
    }
    JsonObject json = new JsonObject()
        .put("id", silence.id())
        .put("matchers", matchers)
        .put("startsAt", Times.text(silence.startsUs()))
        .put("endsAt", Times.text(silence.endsUs()))
        .put("updatedAt", Times.text(silence.updatedUs()))
        .put("createdBy", silence.createdBy())
        .put("comment", silence.comment());
    return new SilenceRow(
        trail,
        silence.id(),
        silence.startsUs(),
        silence.endsUs(),
        silence.updatedUs(),
        json.encode());
  }

  public static Silence decode(SilenceRow row) {
    JsonObject json = new JsonObject(row.json());
    List<Matcher> matchers = json.getJsonArray("matchers").stream()
        .map(matcher -> matcher((JsonObject) matcher))
        .toList();
    return new Silence(
        row.id(),
        matchers,
        row.startsUs(),
        row.endsUs(),
        json.getString("createdBy"),
        json.getString("comment"),
        row.updatedUs());
  }

  private static Matcher matcher(JsonObject json) {
    return Matcher.of(
        Fields.required(json, "name"),
        Fields.text(json, "value", ""),
        Fields.bool(json, "isRegex", false),
        Fields.bool(json, "isEqual", true));
  }
}
