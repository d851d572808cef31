package io.vedette.runtime.auth;

import static io.vedette.runtime.Awaits.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.ConfigException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
  private static final long NOW_US = 1_700_000_000_000_000L;
  private static final String CLAIMS = "{\"sub\":\"ada\",\"role\":\"viewer\",\"exp\":1700000060}";

  private static Vertx vertx;

  @TempDir
  Path folder;

  private final AtomicLong nowUs = new AtomicLong(NOW_US);
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final List<String> asked = new ArrayList<>();
  private final Map<String, Principal> holders = new HashMap<>();

  @BeforeAll
  static void open() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void close() {
    await(vertx.close());
  }

  private Future<Optional<Principal>> lookUp(String token) {
    asked.add(token);
    return Future.succeededFuture(Optional.ofNullable(holders.get(token)));
  }

  private Access access(Map<String, String> sets) {
    return Access.create(vertx, Config.of(sets), this::lookUp, metrics, nowUs::get);
  }

  private Access jwtAccess(Map<String, String> more) {
    Path secret = Jwts.write(folder, "secret", Jwts.SECRET);
    Map<String, String> sets = new HashMap<>(more);
    sets.put("http.auth.jwt.keys", "[{algorithm: HS256, file: \"" + secret + "\"}]");
    return access(sets);
  }

  private Principal holder(String token, Role role, long expiresUs) {
    Principal holder = new Principal("ada", Set.of(role), Set.of(1), expiresUs, "t-1");
    holders.put(token, holder);
    return holder;
  }

  // ---- API tokens

  @Test
  void holderOfATokenIsGranted() {
    Principal holder = holder("t", Role.VIEWER, Principal.NEVER);

    assertThat(await(access(Map.of()).authenticate("t"))).isEqualTo(new Verdict.Granted(holder));
    assertThat(metrics.counter("vedette.access.verdicts", "verdict", "granted").count())
        .isEqualTo(1);
  }

  @Test
  void eachKindOfTroubleIsItsOwnVerdict() {
    holder("old", Role.VIEWER, NOW_US);
    Access access = access(Map.of());

    assertThat(await(access.authenticate(""))).isEqualTo(new Verdict.Missing());
    assertThat(await(access.authenticate("nobody's")))
        .isEqualTo(new Verdict.Bad("unknown or revoked"));
    assertThat(await(access.authenticate("old"))).isEqualTo(new Verdict.Expired(NOW_US));
    assertThat(await(access.authenticate("x".repeat(20_000))))
        .isEqualTo(new Verdict.Bad("longer than 16384 characters"));
    assertThat(asked).containsExactly("nobody's", "old");
  }

  @Test
  void roleThatIsNotEnoughIsNotAllowed() {
    Principal holder = holder("t", Role.VIEWER, Principal.NEVER);
    Verdict verdict = await(access(Map.of()).authenticate("t"));

    assertThat(verdict.require(Role.VIEWER)).isSameAs(verdict);
    assertThat(verdict.require(Role.ADMIN)).isEqualTo(new Verdict.NotAllowed(holder, Role.ADMIN));
    assertThat(new Verdict.Missing().require(Role.ADMIN)).isEqualTo(new Verdict.Missing());
  }

  @Test
  void verdictIsRememberedForAWhileAndRevocationTakesThatLong() {
    holder("t", Role.VIEWER, Principal.NEVER);
    Access access = access(Map.of("http.auth.cache", "2s"));

    await(access.authenticate("t"));
    holders.clear();
    nowUs.addAndGet(1_999_999);
    assertThat(await(access.authenticate("t"))).isInstanceOf(Verdict.Granted.class);
    assertThat(asked).hasSize(1);

    nowUs.addAndGet(1);
    assertThat(await(access.authenticate("t"))).isInstanceOf(Verdict.Bad.class);
  }

  @Test
  void rememberedTokenStillExpires() {
    holder("t", Role.VIEWER, NOW_US + 1_000);
    Access access = access(Map.of("http.auth.cache", "10s"));

    assertThat(await(access.authenticate("t"))).isInstanceOf(Verdict.Granted.class);
    nowUs.addAndGet(1_000);
    assertThat(await(access.authenticate("t"))).isEqualTo(new Verdict.Expired(NOW_US + 1_000));
    assertThat(asked).hasSize(1);
  }

  @Test
  void lookUpsOfOneTokenAtATimeShareOne() {
    Promise<Optional<Principal>> answer = Promise.promise();
    Access access = Access.create(
        vertx,
        Config.of(Map.of()),
        token -> {
          asked.add(token);
          return answer.future();
        },
        metrics,
        nowUs::get);

    Future<Verdict> first = access.authenticate("t");
    Future<Verdict> second = access.authenticate("t");
    answer.complete(Optional.empty());

    assertThat(await(first)).isEqualTo(await(second)).isInstanceOf(Verdict.Bad.class);
    assertThat(asked).hasSize(1);
  }

  @Test
  void eachCallerGetsItsAnswerOnItsOwnContext() {
    Promise<Optional<Principal>> answer = Promise.promise();
    Access access =
        Access.create(vertx, Config.of(Map.of()), token -> answer.future(), metrics, nowUs::get);
    List<Future<Boolean>> onOwn = new ArrayList<>();
    for (int caller = 0; caller < 4; caller++) {
      Context context = vertx.getOrCreateContext();
      Promise<Boolean> here = Promise.promise();
      Promise<Boolean> asking = Promise.promise();
      onOwn.add(here.future());
      context.runOnContext(go -> {
        access
            .authenticate("t")
            .onComplete(verdict -> here.complete(Vertx.currentContext() == context));
        asking.complete(true);
      });
      await(asking.future());
    }

    answer.complete(Optional.empty());

    assertThat(onOwn).allMatch(caller -> await(caller));
  }

  @Test
  void storeThatDoesNotAnswerIsUnavailableAndNotRemembered() {
    Access access = Access.create(
        vertx,
        Config.of(Map.of()),
        token -> {
          asked.add(token);
          if (asked.size() == 1) {
            throw new IllegalStateException("closed");
          }
          return Future.failedFuture("down");
        },
        metrics,
        nowUs::get);

    assertThat(await(access.authenticate("t")))
        .isEqualTo(new Verdict.Unavailable("java.lang.IllegalStateException: closed"));
    assertThat(await(access.authenticate("t"))).isInstanceOf(Verdict.Unavailable.class);
    assertThat(asked).hasSize(2);
  }

  @Test
  void memoryIsBounded() {
    Access access = access(Map.of());
    for (int i = 0; i < 10_100; i++) {
      await(access.authenticate("t" + i));
    }

    assertThat(metrics.get("vedette.access.verdicts.remembered").gauge().value())
        .isEqualTo(10_000);
  }

  // ---- JWTs

  @Test
  void goodJwtIsGrantedUntilItEnds() {
    Access access = jwtAccess(Map.of("http.auth.jwt.leeway", "5s"));
    String token = Jwts.hs256(Jwts.SECRET, CLAIMS);

    assertThat(await(access.authenticate(token)))
        .isEqualTo(new Verdict.Granted(new Principal(
            "ada", Set.of(Role.VIEWER), Set.of(1), 1_700_000_065_000_000L, "jwt:ada")));
    assertThat(asked).isEmpty();
    nowUs.set(1_700_000_065_000_000L);
    assertThat(await(access.authenticate(token))).isInstanceOf(Verdict.Expired.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "ES256", "EdDSA"})
  void everyAlgorithmIsJudgedByItsKeyAlone(String algorithm) {
    KeyPair keys = Jwts.keys(algorithm);
    Path file = Jwts.write(folder, "key.pem", Jwts.pem(keys.getPublic()));
    Access access = access(
        Map.of("http.auth.jwt.keys", "[{algorithm: " + algorithm + ", file: \"" + file + "\"}]"));

    assertThat(await(access.authenticate(Jwts.signed(keys, algorithm, CLAIMS))))
        .isInstanceOf(Verdict.Granted.class);
    assertThat(await(access.authenticate(Jwts.signed(Jwts.keys(algorithm), algorithm, CLAIMS))))
        .isEqualTo(new Verdict.Bad("signature or form not accepted"));
    // The public key taken for a secret: the classic confusion of algorithms.
    assertThat(await(access.authenticate(Jwts.hs256(Jwts.pem(keys.getPublic()), CLAIMS))))
        .isEqualTo(new Verdict.Bad("signature or form not accepted"));
  }

  @Test
  void keySetFromAFileIsAccepted() {
    String key = Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(Jwts.SECRET.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Path jwks = Jwts.write(
        folder,
        "jwks.json",
        "{\"keys\":[{\"kty\":\"oct\",\"alg\":\"HS256\",\"kid\":\"k\",\"k\":\"" + key + "\"}]}");
    Access access = access(Map.of("http.auth.jwt.jwks-file", jwks.toString()));

    assertThat(await(access.authenticate(
            Jwts.hs256(Jwts.SECRET, "{\"alg\":\"HS256\",\"kid\":\"k\"}", CLAIMS))))
        .isInstanceOf(Verdict.Granted.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"sub\":\"a\",\"role\":\"viewer\"}                                          | claim exp missing: a token must end",
        "{\"sub\":\"a\",\"role\":\"viewer\",\"exp\":\"soon\"}                         | malformed",
        "{\"sub\":\"a\",\"role\":\"viewer\",\"exp\":1e300,\"nbf\":1700000006}         | not valid yet",
        "{\"sub\":\"a\",\"role\":\"viewer\",\"exp\":1700000060,\"nbf\":\"x\"}         | not valid yet",
        "{\"role\":\"viewer\",\"exp\":1700000060}                                     | claim sub missing",
        "{\"sub\":7,\"role\":\"viewer\",\"exp\":1700000060}                           | claim sub missing",
        "{\"sub\":\"a\",\"exp\":1700000060}                                           | no role in claim role",
        "{\"sub\":\"a\",\"role\":\"root\",\"exp\":1700000060}                         | no role in claim role",
        "{\"sub\":\"a\",\"role\":{\"x\":1},\"exp\":1700000060}                        | no role in claim role",
        "{\"sub\":\"a\",\"role\":\"viewer\",\"trails\":\"1\",\"exp\":1700000060}      | claim trails is no list of numbers",
        "{\"sub\":\"a\",\"role\":\"viewer\",\"trails\":[1.5],\"exp\":1700000060}      | claim trails is no list of numbers",
      })
  void claimThatIsWrongIsNamed(String claims, String reason) {
    assertThat(await(jwtAccess(Map.of()).authenticate(Jwts.hs256(Jwts.SECRET, claims))))
        .isEqualTo(new Verdict.Bad(reason));
  }

  @Test
  void everyBrokenKindOfTokenIsAVerdict() {
    Access access = jwtAccess(Map.of());
    String good = Jwts.hs256(Jwts.SECRET, CLAIMS);
    String header = "{\"alg\":\"HS256\"}";
    List<String> broken = new ArrayList<>(List.of(
        "ey..",
        "ey.ey.ey",
        "eyJ.eyJ.",
        Jwts.unsigned("{\"alg\":\"none\"}", CLAIMS) + ".",
        Jwts.unsigned("{\"alg\":null}", CLAIMS) + ".x",
        Jwts.unsigned("{\"alg\":7}", CLAIMS) + ".x",
        Jwts.unsigned("{}", CLAIMS) + ".x",
        Jwts.hs256(Jwts.SECRET, "{\"alg\":\"HS512\"}", CLAIMS),
        Jwts.hs256(Jwts.SECRET, "{\"alg\":\"RS256\"}", CLAIMS),
        Jwts.hs256("another secret", header, CLAIMS),
        Jwts.hs256(Jwts.SECRET, header, "[]"),
        Jwts.hs256(Jwts.SECRET, header, "null"),
        Jwts.hs256(Jwts.SECRET, header, "no JSON"),
        Jwts.hs256(Jwts.SECRET, header, "[".repeat(3_000)),
        good + "A",
        good + ".x",
        good.replace('.', ' '),
        "\u0000",
        "é".repeat(100)));
    for (int cut = 1; cut < good.length(); cut++) {
      broken.add(good.substring(0, cut));
    }

    assertThat(broken).allSatisfy(token -> assertThat(await(access.authenticate(token)))
        .isInstanceOf(Verdict.Bad.class));
    assertThat(await(access.authenticate(good))).isInstanceOf(Verdict.Granted.class);
  }

  @Test
  void issuerAudienceAndClaimsAreConfigured() {
    Access access = jwtAccess(Map.of(
        "http.auth.jwt.issuer", "https://id.example.org",
        "http.auth.jwt.audience", "vedette",
        "http.auth.jwt.role-claim", "realm_access.roles"));
    String rest =
        ",\"sub\":\"a\",\"exp\":1700000060,\"realm_access\":{\"roles\":[\"x\",\"operator\"]},\"trails\":[2,3]}";

    assertThat(await(access.authenticate(Jwts.hs256(
            Jwts.SECRET,
            "{\"iss\":\"https://id.example.org\",\"aud\":[\"x\",\"vedette\"]" + rest))))
        .isInstanceOfSatisfying(Verdict.Granted.class, granted -> {
          assertThat(granted.principal().roles()).containsExactly(Role.OPERATOR);
          assertThat(granted.principal().trails()).containsExactlyInAnyOrder(2, 3);
        });
    assertThat(await(access.authenticate(Jwts.hs256(
            Jwts.SECRET, "{\"iss\":\"https://evil.example\",\"aud\":\"vedette\"" + rest))))
        .isEqualTo(new Verdict.Bad("another issuer"));
    assertThat(await(access.authenticate(Jwts.hs256(
            Jwts.SECRET, "{\"iss\":\"https://id.example.org\",\"aud\":\"other\"" + rest))))
        .isEqualTo(new Verdict.Bad("another audience"));
  }

  @Test
  void jwtThatCannotBeJudgedHereIsLookedUp() {
    assertThat(await(access(Map.of()).authenticate(Jwts.hs256(Jwts.SECRET, CLAIMS))))
        .isEqualTo(new Verdict.Bad("unknown or revoked"));
    assertThat(asked).hasSize(1);
  }

  @Test
  void keysThatCannotBeUsedStopTheStart() {
    String pem = Jwts.pem(Jwts.keys("RS256").getPublic());
    Path key = Jwts.write(folder, "key.pem", pem);
    Path small = Jwts.write(folder, "small", "hunter2");
    Path odd =
        Jwts.write(folder, "odd.pem", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----");

    refuses("[{algorithm: HS256, file: \"" + key + "\"}]")
        .hasMessageContaining("HS256 with a public key would let anyone sign");
    refuses("[{algorithm: HS256, file: \"" + small + "\"}]")
        .hasMessageContaining("at least 32")
        .hasMessageNotContaining("hunter2");
    refuses("[{algorithm: RS256, file: \"" + small + "\"}]")
        .hasMessageContaining("a public key in PEM form")
        .hasMessageNotContaining("hunter2");
    refuses("[{algorithm: RS256, file: \"" + odd + "\"}]").hasMessageContaining("cannot be used");
    refuses("[{algorithm: none, file: x}]")
        .hasMessageContaining("none (expected: ES256, EdDSA, HS256, RS256)");
    refuses("[{algorithm: HS256, file: /nowhere}]").hasMessageContaining("/nowhere cannot be read");
    refuses("[{algorithm: HS256, secret: x}]").hasMessageContaining("secret: unknown key");
    assertThatThrownBy(() -> access(Map.of("http.auth.jwt.jwks-file", small.toString())))
        .isInstanceOf(ConfigException.class);
  }

  private org.assertj.core.api.AbstractThrowableAssert<?, ?> refuses(String keys) {
    return assertThatThrownBy(() -> access(Map.of("http.auth.jwt.keys", keys)))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  void adviceNeverShowsTheToken() {
    for (Verdict verdict : List.of(
        new Verdict.Missing(),
        new Verdict.Bad("unknown or revoked"),
        new Verdict.Expired(1),
        new Verdict.ForeignOrigin("x"),
        new Verdict.Unavailable("x"))) {
      assertThat(verdict.advice()).isNotBlank();
      assertThat(verdict.word()).matches("[a-z_]+");
    }
  }

  @Test
  void cookieIsOutOfReachOfScriptsAndOtherSites() {
    Access access = access(Map.of());
    Principal holder = holder("t", Role.VIEWER, NOW_US + Duration.ofHours(1).toMillis() * 1_000);

    assertThat(access.cookie("t", holder, true).encode())
        .contains("vedette=t", "HTTPOnly", "Secure", "SameSite=Strict", "Path=/", "Max-Age=3600");
    assertThat(access.cookie("t", holder, false).encode()).doesNotContain("Secure");
  }
}
