package io.vedette.runtime;

import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.ConfigNode;
import io.vedette.runtime.config.ConfigSection;
import io.vedette.runtime.config.Key;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The keys every process has: doors, access, metrics, logs, cluster. */
public final class RuntimeConfig implements ConfigSection {
  /** As logback's levels. */
  public enum LogLevel {
    OFF,
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  public static final Key<String> HTTP_BIND = Key.string(
      "http.bind",
      "127.0.0.1",
      "Address all doors listen on. Anything but loopback can be reached by others: give tokens, and TLS here or in front.");
  public static final Key<List<String>> HTTP_HOSTS = Key.strings(
      "http.hosts",
      List.of(),
      "Names under which the doors may be called (`*.example.org` for any below). Requests over loopback must use one of them, localhost or a loopback address, others are checked only when"
          + " this is set; a wrong one gets 421.");
  public static final Key<List<String>> HTTP_ORIGINS = Key.strings(
      "http.origins",
      List.of(),
      "Further web origins whose pages may use the doors, for example https://portal.example.org.");
  public static final Key<Optional<String>> TLS_CERT = Key.optionalString(
      "http.tls.cert",
      "PEM file with the certificate chain of the HTTP doors. With it and http.tls.key they speak TLS only.");
  public static final Key<Optional<String>> TLS_KEY =
      Key.optionalString("http.tls.key", "PEM file with the private key of the HTTP doors.");
  public static final Key<Duration> ACCESS_CACHE = Key.duration(
      "http.auth.cache",
      Duration.ofSeconds(2),
      Duration.ZERO,
      Duration.ofSeconds(30),
      "How long a verdict on a token is remembered: a revoked token works at most that much longer, a shorter time costs look-ups.");
  public static final Key<ConfigNode> JWT_KEYS = Key.tree(
      "http.auth.jwt.keys",
      "Keys that sign the JWTs to accept: a list of {algorithm: HS256|RS256|ES256|EdDSA, file: PEM or secret, id: key id, optional}.");
  public static final Key<Optional<String>> JWT_JWKS = Key.optionalString(
      "http.auth.jwt.jwks-file", "File with a JSON Web Key Set whose keys are accepted as well.");
  public static final Key<Optional<String>> JWT_ISSUER = Key.optionalString(
      "http.auth.jwt.issuer",
      "Required value of the claim iss. Without it any issuer that holds a key is believed.");
  public static final Key<Optional<String>> JWT_AUDIENCE = Key.optionalString(
      "http.auth.jwt.audience",
      "Value that the claim aud must contain. Without it tokens made for other services are accepted.");
  public static final Key<String> JWT_ROLE_CLAIM = Key.string(
      "http.auth.jwt.role-claim",
      "role",
      "Claim with the role or list of roles; dots lead into objects (realm_access.roles). Words that are no role are passed over.");
  public static final Key<String> JWT_TRAILS_CLAIM = Key.string(
      "http.auth.jwt.trails-claim",
      "trails",
      "Claim with the number or list of numbers of the trails the holder may see; trail 1 where it is absent.");
  public static final Key<Duration> JWT_LEEWAY = Key.duration(
      "http.auth.jwt.leeway",
      Duration.ofSeconds(5),
      Duration.ZERO,
      Duration.ofMinutes(5),
      "By how much the clocks of issuer and this process may differ.");
  public static final Key<Boolean> METRICS_PUBLIC = Key.bool(
      "metrics.public", false, "Whether /metrics needs no token. It never does over loopback.");
  public static final Key<Boolean> TRAIL_PUBLIC = Key.bool(
      "trail.public",
      false,
      "Whether checkpoints and tiles (/trails/*, /checkpoint, /tile/*) need no token. They hold no payload.");
  public static final Key<Logs.Format> LOG_FORMAT =
      Key.oneOf("log.format", Logs.Format.TEXT, "How log lines are written to standard error.");
  public static final Key<LogLevel> LOG_LEVEL =
      Key.oneOf("log.level", LogLevel.INFO, "Least level that is logged.");
  public static final Key<ConfigNode> LOG_LEVELS =
      Key.tree("log.levels", "Levels of single loggers, for example {io.vedette.edge: debug}.");
  public static final Key<Boolean> CLUSTER_ENABLED = Key.bool(
      "cluster.enabled",
      false,
      "Whether this process joins the others. Services started on their own always do, standalone only with this (or --cluster).");
  public static final Key<String> CLUSTER_NAME =
      Key.string("cluster.name", "vedette", "Members of another name are refused.");
  public static final Key<String> CLUSTER_BIND = Key.string(
      "cluster.bind",
      "127.0.0.1",
      "Address of this process for the others, at which bus and membership listen; in Kubernetes the pod's. Beyond loopback it needs cluster.tls or cluster.insecure.");
  public static final Key<Integer> CLUSTER_PORT = Key.port(
      "cluster.port", 0, "Port of the membership protocol (Hazelcast); 0 takes a free one.");
  public static final Key<Integer> CLUSTER_BUS_PORT =
      Key.port("cluster.bus-port", 0, "Port of the event bus; 0 takes a free one.");
  public static final Key<Boolean> CLUSTER_INSECURE = Key.bool(
      "cluster.insecure",
      false,
      "Allows bus and membership beyond loopback without TLS. Whoever reaches these ports can then read and publish everything: let only the services reach them.");
  public static final Key<Boolean> CLUSTER_LITE = Key.bool(
      "cluster.lite",
      false,
      "Whether this process holds no part of the cluster's registry. At least one process must hold one.");
  public static final Key<Optional<String>> CLUSTER_TLS_CERT = Key.optionalString(
      "cluster.tls.cert", "PEM file with this process' certificate for the event bus.");
  public static final Key<Optional<String>> CLUSTER_TLS_KEY =
      Key.optionalString("cluster.tls.key", "PEM file with the private key to cluster.tls.cert.");
  public static final Key<Optional<String>> CLUSTER_TLS_CA = Key.optionalString(
      "cluster.tls.ca",
      "PEM file with the authority that signed the certificates of all processes; others are refused.");

  @Override
  public String name() {
    return "runtime";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        HTTP_BIND,
        HTTP_HOSTS,
        HTTP_ORIGINS,
        TLS_CERT,
        TLS_KEY,
        ACCESS_CACHE,
        JWT_KEYS,
        JWT_JWKS,
        JWT_ISSUER,
        JWT_AUDIENCE,
        JWT_ROLE_CLAIM,
        JWT_TRAILS_CLAIM,
        JWT_LEEWAY,
        METRICS_PUBLIC,
        TRAIL_PUBLIC,
        LOG_FORMAT,
        LOG_LEVEL,
        LOG_LEVELS,
        CLUSTER_ENABLED,
        CLUSTER_NAME,
        CLUSTER_BIND,
        CLUSTER_PORT,
        CLUSTER_BUS_PORT,
        CLUSTER_INSECURE,
        CLUSTER_LITE,
        CLUSTER_TLS_CERT,
        CLUSTER_TLS_KEY,
        CLUSTER_TLS_CA);
  }

  static Map<String, LogLevel> logLevels(Config config) {
    Map<String, LogLevel> levels = new LinkedHashMap<>();
    config
        .tree(LOG_LEVELS)
        .map()
        .forEach((logger, level) -> levels.put(logger, level.oneOf(LogLevel.class)));
    return levels;
  }
}
