package io.vedette.store.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.model.RecordView;
import io.vedette.runtime.auth.Role;
import io.vedette.store.StoreTest;
import io.vedette.store.trail.RecordReader;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestTrail;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TokenRecordTest extends StoreTest {
  @Test
  void makingAndRevokingATokenAreRecordsOfTheTrail() {
    try (TestTrail trail = TestTrail.open(database)) {
      Tokens tokens = new Tokens(database);
      Tokens.Created created =
          Await.value(tokens.create("laptop", Set.of(Role.VIEWER), null, Set.of(1)));
      assertThat(Await.value(tokens.revoke(created.id()))).isTrue();
      assertThat(Await.value(tokens.revoke(created.id()))).isFalse();
      Await.value(tokens.ensure("s3cret", "admin", Set.of(Role.ADMIN), Set.of(1)));
      Await.value(tokens.ensure("s3cret", "admin", Set.of(Role.ADMIN), Set.of(1)));
      List<RecordView> records =
          Await.value(new RecordReader(database).byIndex(trail.trail().trail(), 0, 10)).stream()
              .map(record -> new RecordView(record.canonical()))
              .toList();
      assertThat(records)
          .extracting(record -> record.text("action"))
          .containsExactly("token.create", "token.revoke", "token.create");
      assertThat(records.get(0).source()).isEqualTo("vedette");
      assertThat(records.get(0).attributes())
          .containsEntry("name", "laptop")
          .containsEntry("roles", List.of("viewer"));
      assertThat(records.get(1).text("target")).isEqualTo("token " + created.id());
      assertThat(records).noneMatch(record -> record.json().contains(created.secret()));
    }
  }

  @Test
  void noTokenIsNamedAsVedettesOwnRecordsAre() {
    Tokens tokens = new Tokens(database);
    assertThatThrownBy(() -> tokens.create("vedette", Set.of(Role.INGEST), null, Set.of(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token name: vedette");
  }
}
