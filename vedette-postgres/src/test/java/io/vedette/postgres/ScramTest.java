package io.vedette.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import org.junit.jupiter.api.Test;

/** An exchange whose values were computed by another implementation (PostgreSQL leaves the user name empty). */
class ScramTest {
  private static final String NONCE = "rOprNGfwEbeRWgbNEkqO";
  private static final String SERVER_FIRST =
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

  private final Scram scram = new Scram("pencil", NONCE);

  @Test
  void provesThePasswordAndChecksThatTheServerKnowsIt() throws Exception {
    assertThat(scram.clientFirst()).isEqualTo("n,,n=,r=" + NONCE);
    assertThat(scram.clientFinal(SERVER_FIRST))
        .isEqualTo(
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=qvT2SWdEH5Q06albL+hjSYuUhCG7VndFyzIb7CK4n9k=");
    scram.verify("v=3HO6Qt1M4MKJrmlKaoOqLAI0/0TV0HZe7J9H3MBtSOg=");
  }

  @Test
  void aServerThatDoesNotKnowThePasswordIsRefused() throws Exception {
    scram.clientFinal(SERVER_FIRST);
    assertThatThrownBy(() -> scram.verify("v=AAAA"))
        .isInstanceOf(GeneralSecurityException.class)
        .hasMessageContaining("not the one that was started");
  }

  @Test
  void aServerThatDoesNotProveAnythingIsRefused() {
    assertThatThrownBy(() -> scram.verify("v=")).isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void foreignNonceIsRefused() {
    assertThatThrownBy(() -> scram.clientFinal("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"))
        .isInstanceOf(GeneralSecurityException.class);
  }
}
