package io.vedette.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.model.Evidence;
import io.vedette.model.Finding;
import io.vedette.model.RecordDraft;
import io.vedette.model.Stamps;
import io.vedette.model.Transition;
import io.vedette.runtime.Addresses;
import io.vedette.store.erase.Eraser;
import io.vedette.store.erase.RecordFilter;
import io.vedette.store.erase.Wish;
import io.vedette.testkit.Await;
import io.vedette.testkit.ManualClock;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vedette.testkit.TestTrail;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever owns the alerts has them in memory. After an erasure it must read them again, or the next thing it writes brings back what was erased. */
class ErasedAlertTest {
  private static final String NAME = "anna.beispiel.7f3a91c04d";

  @TempDir
  private Path folder;

  private final TestDatabase at = TestPostgres.sharedWithoutFsync().fresh();
  private Rig rig;
  private TestTrail trail;

  @BeforeEach
  void start() {
    rig = Rig.start(at, folder, """
        alert:
          http: {port: 0}
          route: {receiver: default, group_by: [user], group_wait: 10ms, group_interval: 50ms}
        """);
    trail = TestTrail.open(rig.database);
  }

  @AfterEach
  void stop() {
    trail.close();
    rig.close();
    at.close();
  }

  private static Finding finding() {
    long atUs = ManualClock.START_US;
    return new Finding(
        1,
        3,
        1,
        "Logins",
        7,
        "ab12",
        new TreeMap<>(Map.of("user", NAME)),
        Transition.FIRING,
        1,
        atUs,
        atUs,
        new TreeMap<>(Map.of("alertname", "Logins", "user", NAME)),
        new TreeMap<>(Map.of("summary", "3 logins of " + NAME)),
        new Evidence(atUs - 60_000_000, atUs, 3, ">=", 3, 3, 0, 2, List.of(0L, 1L, 2L)),
        Stamps.UNKNOWN);
  }

  private long epoch() {
    return at.number("SELECT epoch FROM vedette.lease WHERE kind = 'alert' AND name = 'owner'");
  }

  private List<String> named(String table, String column) {
    return at.query("SELECT " + column + " FROM vedette." + table + " WHERE " + column + " LIKE '%"
        + NAME + "%'");
  }

  @Test
  void theOwnerReadsItsAlertsAgainAndWritesNothingOfWhatWasErased() throws Exception {
    RecordDraft login = RecordDraft.builder()
        .action("login")
        .actor(NAME)
        .observedUs(ManualClock.START_US)
        .build();
    trail.append("app", List.of(login, login, login));
    rig.raise(finding());
    JsonObject alert = rig.change();
    assertThat(alert.encode()).contains(NAME);
    rig.told();
    long before = epoch();
    assertThat(named("alert", "json")).hasSize(1);

    Await.value(new Eraser(rig.database, trail.appender())
        .erase(
            1,
            "ada",
            new Wish(List.of(), new RecordFilter(Map.of("actor", NAME), ""), "asked for", false)));
    assertThat(named("alert", "json")).isEmpty();
    Await.until(this::epoch, now -> now > before);
    Await.until(() -> rig.health("alert.owner"), "processes alerts"::equals);

    DeliveryOptions operator = new DeliveryOptions()
        .addHeader(Addresses.PRINCIPAL, "ann")
        .addHeader(Addresses.ROLE, "operator")
        .addHeader(Addresses.TRAIL, "1");
    Await.value(rig.vertx
        .eventBus()
        .request(
            Addresses.ALERT_ACKNOWLEDGE,
            new JsonObject().put("fingerprint", alert.getString("fingerprint")),
            operator));
    JsonObject acknowledged = rig.change();
    assertThat(acknowledged.getString("state")).isEqualTo("acknowledged");
    assertThat(acknowledged.getJsonObject("labels").getString("user")).isEqualTo("[erased]");
    assertThat(at.query("SELECT state FROM vedette.alert")).containsExactly("acknowledged");
    assertThat(named("alert", "json")).isEmpty();
    assertThat(named("alert_change", "json")).isEmpty();
    assertThat(named("alert_group", "key || labels")).isEmpty();
    assertThat(named("record", "convert_from(canonical, 'UTF8')")).isEmpty();
    assertThat(named("publication", "convert_from(json, 'UTF8')")).isEmpty();
  }
}
