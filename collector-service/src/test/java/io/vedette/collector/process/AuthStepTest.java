package io.vedette.collector.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.collector.decode.LineDecoder;
import io.vedette.model.Outcome;
import io.vedette.model.RecordDraft;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AuthStepTest {
  private final LineDecoder decoder = new LineDecoder(ZoneOffset.UTC);
  private final Pipeline pipeline = Pipeline.of(java.util.List.of("auth"));

  private RecordDraft processed(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    return ((Step.Kept)
            pipeline.apply(decoder.decode(bytes, 0, bytes.length, 1_800_000_000_000_000L)))
        .record();
  }

  private void assertLogin(
      String line, String action, @Nullable String actor, String origin, Outcome outcome) {
    RecordDraft draft = processed("Dec 10 06:55:46 host " + line);
    assertThat(draft.kind()).as(line).isEqualTo("auth");
    assertThat(draft.action()).as(line).isEqualTo(action);
    assertThat(draft.actor()).as(line).isEqualTo(actor);
    assertThat(draft.origin()).as(line).isEqualTo(origin);
    assertThat(draft.outcome()).as(line).isEqualTo(outcome);
  }

  @Test
  void readsWhatSshdAndPamSay() {
    assertLogin(
        "sshd[1]: Failed none for invalid user test from 203.0.113.7 port 1 ssh2",
        "login.probe",
        "test",
        "203.0.113.7",
        Outcome.FAILURE);
    assertLogin(
        "sshd[1]: Failed password for root from 203.0.113.7 port 38926 ssh2",
        "login",
        "root",
        "203.0.113.7",
        Outcome.FAILURE);
    assertLogin(
        "sshd[1]: Failed password for invalid user test from 203.0.113.7 port 38926 ssh2",
        "login",
        "test",
        "203.0.113.7",
        Outcome.FAILURE);
    assertLogin(
        "sshd[1]: Failed password for invalid user  from 203.0.113.7 port 1 ssh2",
        "login",
        "",
        "203.0.113.7",
        Outcome.FAILURE);
    assertLogin(
        "sshd[1]: Accepted publickey for eve from 2001:db8::1 port 22 ssh2: RSA SHA256:abc",
        "login",
        "eve",
        "2001:db8::1",
        Outcome.SUCCESS);
    assertLogin(
        "sshd[1]: Invalid user webmaster from 203.0.113.7",
        "login.user",
        "webmaster",
        "203.0.113.7",
        Outcome.FAILURE);
    assertLogin(
        "sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7  user=root",
        "login.pam",
        "root",
        "203.0.113.7",
        Outcome.FAILURE);
    assertLogin(
        "sshd(pam_unix)[1]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=evil.example ",
        "login",
        null,
        "evil.example",
        Outcome.FAILURE);
    assertThat(processed(
                "Dec 10 06:55:46 host sshd[1]: PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7")
            .attributes())
        .containsEntry("count", 5L);
  }

  @Test
  void aRepeatedMessageIsOneRecordThatCounts() {
    RecordDraft draft = processed(
        "Dec 10 07:13:56 host sshd[1]: message repeated 5 times: [ Failed password for root from 203.0.113.7 port 42393 ssh2]");
    assertThat(draft.action()).isEqualTo("login");
    assertThat(draft.origin()).isEqualTo("203.0.113.7");
    assertThat(draft.attributes()).containsEntry("count", 5L);
    assertThat(draft.message()).startsWith("message repeated");
  }

  @Test
  void othersPassUnchanged() {
    for (String line : new String[] {
      "Dec 10 06:55:46 host sshd[1]: Connection closed by 203.0.113.7 [preauth]",
      "Dec 10 06:55:46 host shop[1]: Failed password for root from 203.0.113.7 port 1",
      "Failed password for root from 203.0.113.7 port 1 ssh2",
    }) {
      assertThat(processed(line).action()).as(line).isNull();
    }
  }
}
