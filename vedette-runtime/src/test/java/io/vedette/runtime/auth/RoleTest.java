package io.vedette.runtime.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoleTest {
  @ParameterizedTest
  @CsvSource({
    "VIEWER,   true,  false, false, false",
    "OPERATOR, true,  true,  false, false",
    "ADMIN,    true,  true,  true,  true",
    "INGEST,   false, false, false, true"
  })
  void allows(Role role, boolean viewer, boolean operator, boolean admin, boolean ingest) {
    assertThat(role.allows(Role.VIEWER)).isEqualTo(viewer);
    assertThat(role.allows(Role.OPERATOR)).isEqualTo(operator);
    assertThat(role.allows(Role.ADMIN)).isEqualTo(admin);
    assertThat(role.allows(Role.INGEST)).isEqualTo(ingest);
  }

  @Test
  void wordsAreLowerCase() {
    assertThat(Role.parse("viewer")).contains(Role.VIEWER);
    assertThat(Role.parse("VIEWER")).isEmpty();
    assertThat(Role.ADMIN.text()).isEqualTo("admin");
  }

  @Test
  void principalMayWhatOneOfItsRolesMay() {
    Principal principal =
        new Principal("p", Set.of(Role.VIEWER, Role.INGEST), Set.of(1), Principal.NEVER, "t");

    assertThat(principal.allows(Role.INGEST)).isTrue();
    assertThat(principal.allows(Role.OPERATOR)).isFalse();
    assertThat(principal.maySee(1)).isTrue();
    assertThat(principal.maySee(2)).isFalse();
  }
}
