package io.vedette.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.alert.route.Route;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SetupReaderTest {
  @TempDir
  private Path folder;

  private Setup read(String alert) throws IOException {
    Path file = Files.writeString(folder.resolve("vedette.yaml"), "alert:\n" + alert.indent(2));
    return SetupReader.read(Config.load(file, Map.of(), Map.of()));
  }

  @Test
  void nothingConfiguredTellsLogAndDashboardAtOnce() {
    Setup setup = SetupReader.read(Config.of(Map.of()));
    assertThat(setup.integrations())
        .containsOnlyKeys("default/log/0", "default/dashboard/0", "log/log/0");
    assertThat(setup.routing().root().receiver()).isEqualTo("default");
    assertThat(setup.routing().root().groupWait()).hasSeconds(1);
  }

  @Test
  void routesInheritFromTheirParents() throws IOException {
    Files.writeString(folder.resolve("token"), "s3cret\n");
    Setup setup = read("""
            receivers:
              - name: ops
                webhook_configs:
                  - url: http://localhost:1/
                    authorization_file: %s
                email_configs:
                  - to: [ann@example.org]
                    from: vedette@example.org
                    smarthost: localhost:25
                    subject: '{{ .Status | toUpper }}'
                sms_configs:
                  - account_sid: AC1
                    auth_token: x
                    from: '+15005550006'
                    to: ['+4915112345678', '+4915112345679']
                dashboard_configs: [{}]
            route:
              receiver: log
              group_by: [alertname, host]
              group_interval: 5m
              routes:
                - matchers: [severity="critical", 'team=~"db|web"']
                  receiver: ops
                  group_wait: 0s
                  continue: true
                  routes:
                    - matchers: team=db
                      group_by: ['...']
            inhibit-rules:
              - source_matchers: [severity=critical]
                target_matchers: [severity=warning]
                equal: [host]
            """.formatted(folder.resolve("token")));
    assertThat(setup.integrations())
        .containsOnlyKeys(
            "default/log/0",
            "default/dashboard/0",
            "log/log/0",
            "ops/webhook/0",
            "ops/email/0",
            "ops/sms/0",
            "ops/sms/1",
            "ops/dashboard/0");
    Route critical = setup.routing().root().children().get(0);
    assertThat(critical.groupBy()).containsExactly("alertname", "host");
    assertThat(critical.groupInterval()).hasMinutes(5);
    assertThat(critical.groupWait()).isZero();
    assertThat(critical.continues()).isTrue();
    assertThat(critical.children().get(0).receiver()).isEqualTo("ops");
    assertThat(critical.children().get(0).groupByAll()).isTrue();
    assertThat(critical.children().get(0).path())
        .isEqualTo("{}/{severity=\"critical\",team=~\"db|web\"}/{team=\"db\"}");
    assertThat(setup.routing().inhibitions()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "route: {receiver: nobody};vedette.yaml:2: alert.route.receiver: nobody (expected: one of [log, default])",
        "route: {reciever: log};did you mean receiver?",
        "route: {matchers: [a=b]};neither: the root takes every alert",
        "route: {routes: [{matchers: [a]}]};one of = != =~ !~",
        "receivers: [{name: x, slack_configs: []}];slack_configs: unknown key",
        "receivers: [{name: x}, {name: x}];a second time",
        "receivers: [{name: x, webhook_configs: [{url: 'ftp://h/'}]}];an http or https URL",
        "receivers: [{name: x, webhook_configs: [{url: 'http://h/', timeout: 2h}]}];100ms to 60s",
        "receivers: [{name: x, webhook_configs: [{url_file: /nowhere}]}];NoSuchFileException",
        "receivers: [{name: x, sms_configs: [{to: hello}]}];telephone numbers",
        "receivers: [{name: x, email_configs: [{smarthost: h}]}];host:port"
      })
  void mistakeIsNamedWithWhatIsExpected(String yaml, String expected) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(expected);
  }
}
