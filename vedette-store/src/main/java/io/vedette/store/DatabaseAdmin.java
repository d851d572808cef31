package io.vedette.store;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What an administrator does once: roles and schema. Blocks. */
public final class DatabaseAdmin {
  private static final String OWNER = "vedette_owner";
  private static final List<String> SERVICES =
      List.of("vedette_collector", "vedette_analyzer", "vedette_alert", "vedette_edge");
  private static final int PASSWORD_BYTES = 24;

  private DatabaseAdmin() {}

  /** How to connect as each role. A role that existed and kept its password has a URL without one. */
  public record Roles(
      DatabaseUrl owner,
      DatabaseUrl collector,
      DatabaseUrl analyzer,
      DatabaseUrl alert,
      DatabaseUrl edge) {}

  /**
   * Creates the schema, its owner and the services' roles in the administrator's database. May be repeated.
   *
   * @param newPasswords also for roles that exist: services that run with the old ones lose their database at their next connection
   */
  public static Roles init(DatabaseUrl admin, boolean newPasswords) {
    try (Connection connection =
            DriverManager.getConnection(admin.jdbc(), admin.user(), admin.password());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(
          "SELECT pg_advisory_xact_lock(8315161565)"); // roles belong to the whole server
      DatabaseUrl owner = role(statement, admin, OWNER, newPasswords);
      DatabaseUrl collector = role(statement, admin, SERVICES.get(0), newPasswords);
      DatabaseUrl analyzer = role(statement, admin, SERVICES.get(1), newPasswords);
      DatabaseUrl alert = role(statement, admin, SERVICES.get(2), newPasswords);
      DatabaseUrl edge = role(statement, admin, SERVICES.get(3), newPasswords);
      if (!OWNER.equals(admin.user())
          && !exists(statement, "SELECT FROM pg_roles WHERE rolname = current_user AND rolsuper")) {
        statement.execute("GRANT " + OWNER + " TO CURRENT_USER");
      }
      statement.execute("CREATE SCHEMA IF NOT EXISTS vedette AUTHORIZATION " + OWNER);
      statement.execute("DO $$ BEGIN EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO "
          + OWNER + "', current_database());" + " EXECUTE format('GRANT CONNECT ON DATABASE %I TO "
          + String.join(", ", SERVICES) + "', current_database()); END $$");
      if (exists(statement, "SELECT FROM pg_roles WHERE rolname = current_user AND rolsuper")) {
        // What an erasure needs to overwrite the write-ahead log; without it the answer says so.
        statement.execute("GRANT pg_checkpoint TO " + OWNER);
        statement.execute("GRANT EXECUTE ON FUNCTION pg_switch_wal(), pg_ls_waldir() TO " + OWNER);
      }
      connection.commit();
      return new Roles(owner, collector, analyzer, alert, edge);
    } catch (SQLException e) {
      throw new DatabaseException(
          "database " + admin + " cannot be prepared: " + e.getMessage()
              + " (expected: a user who may create roles and schemas)",
          e);
    }
  }

  /**
   * Gives the services' roles the passwords that their deployment has already: {@code VEDETTE_COLLECTOR_PASSWORD} and so on.
   *
   * @throws DatabaseException when one is missing
   */
  public static void setPasswords(DatabaseUrl admin, Map<String, String> environment) {
    try (Connection connection =
            DriverManager.getConnection(admin.jdbc(), admin.user(), admin.password());
        PreparedStatement quote = connection.prepareStatement(
            "SELECT format('ALTER ROLE %I PASSWORD %L', ?::text, ?::text)");
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String role : SERVICES) {
        String variable = role.toUpperCase(Locale.ROOT) + "_PASSWORD";
        String password = environment.get(variable);
        if (password == null || password.isEmpty()) {
          throw new DatabaseException(
              variable + ": missing (expected: the password of role " + role + ")");
        }
        quote.setString(1, role);
        quote.setString(2, password);
        try (ResultSet rows = quote.executeQuery()) {
          rows.next();
          statement.execute(rows.getString(1));
        }
      }
      connection.commit();
    } catch (SQLException e) {
      throw new DatabaseException(
          "database " + admin + ": passwords cannot be set: " + e.getMessage(), e);
    }
  }

  private static DatabaseUrl role(
      Statement statement, DatabaseUrl admin, String role, boolean newPasswords)
      throws SQLException {
    if (role.equals(admin.user())) {
      return admin; // the embedded server's superuser is the owner; its password is not ours to
      // change
    }
    boolean known =
        exists(statement, "SELECT FROM pg_roles WHERE rolname = '" + role + "' AND rolcanlogin");
    if (known && !newPasswords) {
      return admin.withUser(role, null);
    }
    if (!exists(statement, "SELECT FROM pg_roles WHERE rolname = '" + role + "'")) {
      statement.execute("CREATE ROLE " + role);
    }
    String password = password();
    statement.execute("ALTER ROLE " + role + " LOGIN PASSWORD '" + password + "'");
    return admin.withUser(role, password);
  }

  private static boolean exists(Statement statement, String query) throws SQLException {
    try (ResultSet rows = statement.executeQuery(query)) {
      return rows.next();
    }
  }

  private static String password() {
    byte[] random = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }
}
