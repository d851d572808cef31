package io.vedette.store.auth;

import io.vedette.model.Outcome;
import io.vedette.model.RecordDraft;
import io.vedette.model.Severity;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import io.vedette.runtime.auth.TokenLookup;
import io.vedette.store.Database;
import io.vedette.store.trail.Appender;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** API tokens. The secret is shown once, to who creates it; the store keeps its SHA-256, which is enough for 256 random bits. Any thread may call. */
public final class Tokens implements TokenLookup {
  private static final String PREFIX = "vdt_";
  private static final int SECRET_BYTES = 32;
  private static final int ID_BYTES = 6;
  private static final int MAX_PRESENTED = 256;

  private final Database database;
  private final SecureRandom random = new SecureRandom();

  /** @param secret never shown again */
  public record Created(String id, String secret, long expiresUs) {
    @Override
    public String toString() {
      return "Created[id=" + id + "]";
    }
  }

  /** @param revokedUs 0 while it is valid */
  public record Listed(
      String id,
      String name,
      Set<Role> roles,
      Set<Integer> trails,
      long createdUs,
      long expiresUs,
      long revokedUs) {}

  public Tokens(Database database) {
    this.database = database;
  }

  /** @param ttl null for one without end */
  public Future<Created> create(
      String name, Set<Role> roles, @Nullable Duration ttl, Set<Integer> trails) {
    if (roles.isEmpty() || trails.isEmpty() || name.isEmpty()) {
      throw new IllegalArgumentException("token " + name + " with roles " + roles + " for trails "
          + trails + " (expected: a name, a role and a trail at least)");
    }
    if (name.equals(Appender.OWN_SOURCE)) {
      throw new IllegalArgumentException("token name: " + name
          + " (expected: another one; what Vedette says of itself has this source)");
    }
    if (ttl != null && (ttl.isNegative() || ttl.isZero())) {
      throw new IllegalArgumentException(
          "token lifetime: " + ttl + " (expected: more than nothing)");
    }
    return insert(
        PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(randomBytes(SECRET_BYTES)),
        name,
        roles,
        ttl,
        trails);
  }

  /** Makes a secret that exists already valid, as standalone's own does at a start after its database was replaced. Without effect if it is. */
  public Future<Created> ensure(String secret, String name, Set<Role> roles, Set<Integer> trails) {
    return insert(secret, name, roles, null, trails);
  }

  private Future<Created> insert(
      String secret, String name, Set<Role> roles, @Nullable Duration ttl, Set<Integer> trails) {
    String[] words = roles.stream().map(Role::text).sorted().toArray(String[]::new);
    return recorded(tx -> tx.preparedQuery("""
            INSERT INTO vedette.token AS t (id, hash, name, roles, trails, created_us, expires_us)
            VALUES ($1, $2, $3, $4, $5, vedette.clock_us(), CASE WHEN $6::bigint IS NULL THEN 9223372036854775807 ELSE vedette.clock_us() + $6 END)
            ON CONFLICT (hash) DO UPDATE SET hash = excluded.hash
            RETURNING id, expires_us, xmax = 0""")
        .execute(Tuple.tuple()
            .addValue(HexFormat.of().formatHex(randomBytes(ID_BYTES)))
            .addValue(Buffer.buffer(hash(secret)))
            .addValue(name)
            .addValue(words)
            .addValue(trails.stream().sorted().toArray(Integer[]::new))
            .addValue(ttl == null ? null : ttl.toNanos() / 1_000))
        .map(rows -> {
          Row row = rows.iterator().next();
          Created created = new Created(row.getString(0), secret, row.getLong(1));
          RecordDraft.Builder draft = row.getBoolean(2)
              ? draft("token.create", created.id())
                  .attribute("name", name)
                  .attribute("roles", List.of(words))
              : null;
          return new Change<>(created, trails, draft);
        }));
  }

  /** A change of a token, and the record of it; without one where nothing changed. */
  private record Change<T>(T answer, Set<Integer> trails, RecordDraft.@Nullable Builder draft) {}

  /** Changes and records it in one transaction, in the first trail that the token may see. Before that trail's first start there is nowhere to record it. */
  private <T> Future<T> recorded(Function<SqlConnection, Future<Change<T>>> work) {
    Appender appender = new Appender(database, database.vertx().eventBus());
    return database.transaction(tx -> work.apply(tx).compose(change -> {
      RecordDraft.Builder draft = change.draft();
      int trail = change.trails().stream().min(Integer::compare).orElse(1);
      return draft == null
          ? Future.succeededFuture(change.answer())
          : tx.preparedQuery("SELECT FROM vedette.trail_head WHERE trail = $1")
              .execute(Tuple.of(trail))
              .compose(head -> head.size() == 0
                  ? Future.succeededFuture()
                  : appender.appendWithin(tx, trail, List.of(draft.build())))
              .map(done -> change.answer());
    }));
  }

  private static RecordDraft.Builder draft(String action, String id) {
    return RecordDraft.builder()
        .kind("audit")
        .action(action)
        .actor("account " + System.getProperty("user.name", "unknown"))
        .target("token " + id)
        .outcome(Outcome.SUCCESS)
        .severity(Severity.INFO);
  }

  @Override
  public Future<Optional<Principal>> byToken(String presented) {
    if (presented.length() > MAX_PRESENTED) {
      return Future.succeededFuture(Optional.empty());
    }
    return database
        .pool()
        .preparedQuery(
            "SELECT id, name, roles, trails, expires_us FROM vedette.token WHERE hash = $1 AND revoked_us IS NULL")
        .execute(Tuple.of(Buffer.buffer(hash(presented))))
        .map(rows -> {
          if (rows.size() == 0) {
            return Optional.empty();
          }
          Row row = rows.iterator().next();
          return Optional.of(new Principal(
              row.getString(1),
              roles(row.getArrayOfStrings(2)),
              Set.of(row.getArrayOfIntegers(3)),
              row.getLong(4),
              row.getString(0)));
        });
  }

  /** Answers whether there was such a token, valid until now. */
  public Future<Boolean> revoke(String id) {
    return recorded(tx -> tx.preparedQuery(
            "UPDATE vedette.token SET revoked_us = vedette.clock_us() WHERE id = $1 AND revoked_us IS NULL RETURNING trails, name")
        .execute(Tuple.of(id))
        .map(rows -> {
          if (rows.size() == 0) {
            return new Change<>(false, Set.of(1), null);
          }
          Row row = rows.iterator().next();
          return new Change<>(
              true,
              Set.of(row.getArrayOfIntegers(0)),
              draft("token.revoke", id).attribute("name", row.getString(1)));
        }));
  }

  public Future<List<Listed>> list() {
    return database
        .pool()
        .preparedQuery(
            "SELECT id, name, roles, trails, created_us, expires_us, revoked_us FROM vedette.token ORDER BY created_us, id LIMIT 10000")
        .execute()
        .map(rows -> {
          List<Listed> tokens = new ArrayList<>(rows.size());
          for (Row row : rows) {
            Long revokedUs = row.getLong(6);
            tokens.add(new Listed(
                row.getString(0),
                row.getString(1),
                roles(row.getArrayOfStrings(2)),
                Set.of(row.getArrayOfIntegers(3)),
                row.getLong(4),
                row.getLong(5),
                revokedUs == null ? 0 : revokedUs));
          }
          return tokens;
        });
  }

  private static Set<Role> roles(String[] texts) {
    return Arrays.stream(texts)
        .map(Role::parse)
        .flatMap(Optional::stream)
        .collect(Collectors.toSet());
  }

  private byte[] randomBytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] hash(String secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
    }
  }
}
