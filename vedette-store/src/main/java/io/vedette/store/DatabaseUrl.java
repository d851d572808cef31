package io.vedette.store;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the database is: {@code postgresql://user:password@host:5432/db}, with {@code sslmode} ({@code disable}, {@code require}, {@code verify-ca}, {@code verify-full}) and
 * {@code sslrootcert} (a PEM file) as parameters. Its text shows no password.
 */
public record DatabaseUrl(
    String host,
    int port,
    String database,
    String user,
    @Nullable String password,
    Map<String, String> parameters) {
  private static final Set<String> SCHEMES = Set.of("postgresql", "postgres");
  private static final Set<String> PARAMETERS = Set.of("sslmode", "sslrootcert");
  private static final Set<String> SSL_MODES =
      Set.of("disable", "require", "verify-ca", "verify-full");
  private static final int DEFAULT_PORT = 5432;

  public DatabaseUrl {
    parameters = Map.copyOf(parameters);
  }

  /** @throws IllegalArgumentException that says what was found and expected, without the password */
  public static DatabaseUrl parse(String text) {
    URI uri;
    try {
      uri = new URI(text.startsWith("jdbc:") ? text.substring("jdbc:".length()) : text);
    } catch (URISyntaxException e) {
      // The exception's own message holds the text, and with it the password.
      throw new IllegalArgumentException("database URL cannot be read at character " + e.getIndex()
          + ": " + e.getReason() + EXPECTED);
    }
    if (uri.getScheme() == null || !SCHEMES.contains(uri.getScheme())) {
      throw new IllegalArgumentException("database URL with scheme " + uri.getScheme() + EXPECTED);
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    String user = uri.getRawUserInfo();
    if (uri.getHost() == null || path.length() < 2 || user == null || user.isEmpty()) {
      String missing = uri.getHost() == null ? "host" : path.length() < 2 ? "database" : "user";
      throw new IllegalArgumentException("database URL without " + missing + EXPECTED);
    }
    int colon = user.indexOf(':');
    Map<String, String> parameters = parameters(uri.getRawQuery());
    return new DatabaseUrl(
        uri.getHost(),
        uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
        decoded(path.substring(1)),
        decoded(colon < 0 ? user : user.substring(0, colon)),
        colon < 0 ? null : decoded(user.substring(colon + 1)),
        parameters);
  }

  public DatabaseUrl withUser(String newUser, @Nullable String newPassword) {
    return new DatabaseUrl(host, port, database, newUser, newPassword, parameters);
  }

  public DatabaseUrl withDatabase(String newDatabase) {
    return new DatabaseUrl(host, port, newDatabase, user, password, parameters);
  }

  public DatabaseUrl withAddress(String newHost, int newPort) {
    return new DatabaseUrl(newHost, newPort, database, user, password, parameters);
  }

  /** The whole URL, password included: for files and children of this process, never for a log. */
  public String secretText() {
    return "postgresql://"
        + encoded(user)
        + (password == null ? "" : ":" + encoded(password))
        + "@"
        + location();
  }

  /** For the JDBC driver; user and password are given to it apart. */
  public String jdbc() {
    return "jdbc:postgresql://" + location();
  }

  /** As it may be shown. */
  @Override
  public String toString() {
    return "postgresql://" + encoded(user) + "@" + location();
  }

  PgConnectOptions connectOptions() {
    PgConnectOptions options =
        new PgConnectOptions().setHost(host).setPort(port).setDatabase(database).setUser(user);
    if (password != null) {
      options.setPassword(password);
    }
    SslMode mode = SslMode.of(parameters.getOrDefault("sslmode", "disable"));
    if (mode == SslMode.DISABLE) {
      return options;
    }
    ClientSSLOptions ssl = new ClientSSLOptions();
    String root = parameters.get("sslrootcert");
    if (root != null) {
      ssl.setTrustOptions(new PemTrustOptions().addCertPath(root));
    } else if (mode == SslMode.REQUIRE) {
      ssl.setTrustAll(true); // as libpq: encrypted, the server's name unchecked
    }
    ssl.setHostnameVerificationAlgorithm(mode == SslMode.VERIFY_FULL ? "HTTPS" : "");
    return options.setSslMode(mode).setSslOptions(ssl);
  }

  private String location() {
    StringBuilder text =
        new StringBuilder(host).append(':').append(port).append('/').append(encoded(database));
    char separator = '?';
    for (Map.Entry<String, String> parameter : new TreeMap<>(parameters).entrySet()) {
      text.append(separator)
          .append(parameter.getKey())
          .append('=')
          .append(encoded(parameter.getValue()));
      separator = '&';
    }
    return text.toString();
  }

  private static Map<String, String> parameters(@Nullable String query) {
    Map<String, String> parameters = new TreeMap<>();
    if (query == null || query.isEmpty()) {
      return parameters;
    }
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
      if (!PARAMETERS.contains(name)) {
        throw new IllegalArgumentException("database URL with parameter " + name + " (expected: "
            + String.join(", ", new java.util.TreeSet<>(PARAMETERS)) + ")");
      }
      if (name.equals("sslmode") && !SSL_MODES.contains(value)) {
        throw new IllegalArgumentException("database URL with sslmode " + value
            + " (expected: disable, require, verify-ca or verify-full)");
      }
      parameters.put(name, value);
    }
    return parameters;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static final String EXPECTED =
      " (expected: postgresql://user:password@host:5432/database)";
}
