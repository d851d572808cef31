package io.vedette.runtime.auth;

import io.vedette.runtime.RuntimeConfig;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.ConfigException;
import io.vedette.runtime.config.ConfigNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Judges JWTs: signature by Vert.x, claims here, so that each way to be wrong has its own verdict. A token must say when it ends. Safe for use by any thread. */
final class JwtVerifier {
  private static final Set<String> ALGORITHMS = Set.of("HS256", "RS256", "ES256", "EdDSA");
  // RFC 7518, 3.2: a key of at least the size of the hash.
  private static final int HS256_KEY_BYTES = 32;
  // A JWT with a few claims has below 2 KiB; headers hold 16 KiB at most.
  private static final int MAX_LENGTH = 8 * 1024;

  private final JWTAuth signatures;
  private final Optional<String> issuer;
  private final Optional<String> audience;
  private final List<String> roleClaim;
  private final List<String> trailsClaim;
  private final Duration leeway;
  private final LongSupplier clockUs;

  private JwtVerifier(JWTAuth signatures, Config config, LongSupplier clockUs) {
    this.signatures = signatures;
    this.issuer = config.get(RuntimeConfig.JWT_ISSUER);
    this.audience = config.get(RuntimeConfig.JWT_AUDIENCE);
    this.roleClaim = List.of(config.get(RuntimeConfig.JWT_ROLE_CLAIM).split("\\."));
    this.trailsClaim = List.of(config.get(RuntimeConfig.JWT_TRAILS_CLAIM).split("\\."));
    this.leeway = config.get(RuntimeConfig.JWT_LEEWAY);
    this.clockUs = clockUs;
  }

  /** Empty when no key is configured. */
  static Optional<JwtVerifier> create(Vertx vertx, Config config, LongSupplier clockUs) {
    JWTAuthOptions options =
        new JWTAuthOptions().setJWTOptions(new JWTOptions().setIgnoreExpiration(true));
    List<ConfigNode> keys = config.tree(RuntimeConfig.JWT_KEYS).list();
    Optional<String> jwks = config.get(RuntimeConfig.JWT_JWKS);
    if (keys.isEmpty() && jwks.isEmpty()) {
      return Optional.empty();
    }
    keys.forEach(key -> options.addPubSecKey(key(key)));
    jwks.ifPresent(file -> jwks(config, file).forEach(options::addJwk));
    try {
      return Optional.of(new JwtVerifier(JWTAuth.create(vertx, options), config, clockUs));
    } catch (RuntimeException unusable) {
      throw config.error(
          keys.isEmpty() ? RuntimeConfig.JWT_JWKS : RuntimeConfig.JWT_KEYS,
          "a key that cannot be used: " + unusable.getMessage(),
          "a secret for HS256, a public key in PEM or JWK form for the others");
    }
  }

  private static PubSecKeyOptions key(ConfigNode key) {
    key.unknownKeys(Set.of("algorithm", "file", "id"));
    String algorithm = key.string("algorithm");
    if (!ALGORITHMS.contains(algorithm)) {
      throw key.at("algorithm")
          .error(String.join(", ", ALGORITHMS.stream().sorted().toList()));
    }
    ConfigNode file = key.require("file");
    String material;
    try {
      material =
          Files.readString(Path.of(file.string()), StandardCharsets.UTF_8).strip();
    } catch (IOException unreadable) {
      throw file.error(file.string() + " cannot be read: " + unreadable, "a readable file");
    }
    boolean secret = algorithm.equals("HS256");
    if (secret && material.getBytes(StandardCharsets.UTF_8).length < HS256_KEY_BYTES) {
      throw file.error(
          "a secret of " + material.length() + " characters", "at least " + HS256_KEY_BYTES);
    }
    if (secret && material.startsWith("-----BEGIN")) {
      throw file.error("a PEM file", "a secret: HS256 with a public key would let anyone sign");
    }
    if (!secret
        && !material.startsWith("-----BEGIN PUBLIC KEY-----")
        && !material.startsWith("-----BEGIN CERTIFICATE-----")) {
      throw file.error(
          "a file that does not begin with -----BEGIN PUBLIC KEY-----", "a public key in PEM form");
    }
    PubSecKeyOptions options = new PubSecKeyOptions().setAlgorithm(algorithm).setBuffer(material);
    key.optionalString("id").ifPresent(options::setId);
    return options;
  }

  private static List<JsonObject> jwks(Config config, String file) {
    try {
      JsonArray keys = new JsonObject(Files.readString(Path.of(file), StandardCharsets.UTF_8))
          .getJsonArray("keys");
      if (keys == null || keys.isEmpty()) {
        throw config.error(
            RuntimeConfig.JWT_JWKS,
            file + " without keys",
            "a JSON Web Key Set: {\"keys\": [...]}");
      }
      return keys.stream().map(JsonObject.class::cast).toList();
    } catch (IOException unreadable) {
      throw config.error(
          RuntimeConfig.JWT_JWKS, file + " cannot be read: " + unreadable, "a readable file");
    } catch (DecodeException | ClassCastException noJwks) {
      throw new ConfigException(config
          .error(
              RuntimeConfig.JWT_JWKS,
              file + ": " + noJwks.getMessage(),
              "a JSON Web Key Set: {\"keys\": [...]}")
          .problems());
    }
  }

  /** Whether a token looks like one of ours to judge: three parts, the first an encoded JSON object. */
  static boolean looksLikeJwt(String token) {
    return token.startsWith("ey") && token.chars().filter(c -> c == '.').count() == 2;
  }

  Future<Verdict> verify(String token) {
    if (token.length() > MAX_LENGTH) {
      return Future.succeededFuture(new Verdict.Bad("longer than " + MAX_LENGTH + " characters"));
    }
    Optional<String> algorithm = algorithm(token);
    if (algorithm.isEmpty()) {
      return Future.succeededFuture(new Verdict.Bad("header unreadable"));
    }
    if (!ALGORITHMS.contains(algorithm.get())) {
      return Future.succeededFuture(new Verdict.Bad("algorithm not accepted"));
    }
    Future<Verdict> verdict;
    try {
      verdict = signatures
          .authenticate(new TokenCredentials(token))
          .map(user -> judge(user.attributes().getJsonObject("accessToken", new JsonObject())));
    } catch (RuntimeException malformed) {
      return Future.succeededFuture(new Verdict.Bad("malformed"));
    }
    return verdict.otherwise(new Verdict.Bad("signature or form not accepted"));
  }

  private static Optional<String> algorithm(String token) {
    try {
      byte[] header = Base64.getUrlDecoder().decode(token.substring(0, token.indexOf('.')));
      return Optional.ofNullable(
          new JsonObject(new String(header, StandardCharsets.UTF_8)).getString("alg"));
    } catch (IllegalArgumentException | DecodeException | ClassCastException unreadable) {
      return Optional.empty();
    }
  }

  private Verdict judge(JsonObject claims) {
    long nowUs = clockUs.getAsLong();
    long leewayUs = leeway.toMillis() * 1_000;
    if (!(claims.getValue("exp") instanceof Number expires)) {
      return new Verdict.Bad("claim exp missing: a token must end");
    }
    long expiresUs = micros(expires);
    if (expiresUs + leewayUs <= nowUs) {
      return new Verdict.Expired(expiresUs);
    }
    Object notBefore = claims.getValue("nbf");
    if (notBefore != null
        && !(notBefore instanceof Number start && micros(start) - leewayUs <= nowUs)) {
      return new Verdict.Bad("not valid yet");
    }
    if (issuer.isPresent() && !issuer.get().equals(claims.getValue("iss"))) {
      return new Verdict.Bad("another issuer");
    }
    if (audience.isPresent() && texts(claims.getValue("aud")).noneMatch(audience.get()::equals)) {
      return new Verdict.Bad("another audience");
    }
    if (!(claims.getValue("sub") instanceof String subject) || subject.isBlank()) {
      return new Verdict.Bad("claim sub missing");
    }
    Set<Role> roles = EnumSet.noneOf(Role.class);
    texts(find(claims, roleClaim)).flatMap(word -> Role.parse(word).stream()).forEach(roles::add);
    if (roles.isEmpty()) {
      return new Verdict.Bad("no role in claim " + String.join(".", roleClaim));
    }
    Optional<Set<Integer>> trails = trails(find(claims, trailsClaim));
    if (trails.isEmpty()) {
      return new Verdict.Bad("claim " + String.join(".", trailsClaim) + " is no list of numbers");
    }
    String id = claims.getValue("jti") instanceof String jti ? jti : subject;
    return new Verdict.Granted(
        new Principal(subject, roles, trails.get(), expiresUs + leewayUs, "jwt:" + id));
  }

  /** Seconds, perhaps with a fraction, to microseconds; absurd values saturate. */
  private static long micros(Number seconds) {
    double us = seconds.doubleValue() * 1e6;
    return us >= 4e18 ? (long) 4e18 : us <= -4e18 ? (long) -4e18 : (long) us;
  }

  private static @Nullable Object find(JsonObject claims, List<String> path) {
    Object value = claims;
    for (String name : path) {
      value = value instanceof JsonObject object ? object.getValue(name) : null;
    }
    return value;
  }

  private static Stream<String> texts(@Nullable Object claim) {
    if (claim instanceof String text) {
      return Stream.of(text);
    }
    return claim instanceof JsonArray list
        ? list.stream().filter(String.class::isInstance).map(String.class::cast)
        : Stream.empty();
  }

  private static Optional<Set<Integer>> trails(@Nullable Object claim) {
    if (claim == null) {
      return Optional.of(Set.of(1));
    }
    Set<Integer> trails = new HashSet<>();
    for (Object trail : claim instanceof JsonArray list ? list : new JsonArray().add(claim)) {
      if (!(trail instanceof Integer number)) {
        return Optional.empty();
      }
      trails.add(number);
    }
    return Optional.of(trails);
  }
}
