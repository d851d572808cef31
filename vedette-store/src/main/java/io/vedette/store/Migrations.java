package io.vedette.store;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The schema {@code vedette} and its versions. Standalone and {@code db migrate} migrate; services in cluster mode wait. */
public final class Migrations {
  private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);
  private static final long RETRY_MS = 1_000;

  private Migrations() {}

  /** Brings the schema to the newest version this program knows; answers how many steps that took. Blocks. */
  public static int migrate(DatabaseUrl url) {
    try {
      return flyway(url).migrate().migrationsExecuted;
    } catch (FlywayException e) {
      throw new DatabaseException("database " + url + " cannot be migrated: " + e.getMessage(), e);
    }
  }

  /** Versions this program knows and the database lacks, empty when there is none. Blocks. */
  public static String pending(DatabaseUrl url) {
    try {
      return Arrays.stream(flyway(url).info().pending())
          .map(MigrationInfo::getVersion)
          .map(String::valueOf)
          .collect(Collectors.joining(", "));
    } catch (FlywayException e) {
      throw new DatabaseException(
          "database " + url + " cannot be asked for its version: " + e.getMessage(), e);
    }
  }

  /** Loads the migration engine, which takes a moment, without a database. */
  public static void preload() {
    Flyway.configure(Migrations.class.getClassLoader()).loggers("slf4j").load();
  }

  /**
   * Completes once the schema has every version this program knows. Says which command does it, once; waits until the Vert.x instance is closed.
   *
   * @param missing told what is missing, whenever that changes
   */
  public static Future<Void> awaitMigrated(Database database, Consumer<String> missing) {
    Promise<Void> migrated = Promise.promise();
    look(database, missing, migrated, "");
    return migrated.future();
  }

  private static void look(
      Database database, Consumer<String> told, Promise<Void> migrated, String said) {
    database.vertx().executeBlocking(() -> pending(database.url())).onComplete(answer -> {
      String missing =
          answer.succeeded() ? answer.result() : String.valueOf(answer.cause().getMessage());
      if (missing.isEmpty()) {
        migrated.complete();
        return;
      }
      if (!missing.equals(said)) {
        told.accept(missing);
        LOG.warn(
            "waiting for the database, run: vedette db migrate url={} missing={}",
            database.url(),
            missing);
      }
      database.vertx().setTimer(RETRY_MS, id -> look(database, told, migrated, missing));
    });
  }

  private static Flyway flyway(DatabaseUrl url) {
    return Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(url.jdbc(), url.user(), url.password())
        .schemas("vedette")
        .defaultSchema("vedette")
        .locations("classpath:db/migration")
        .connectRetries(2)
        .loggers("slf4j")
        .load();
  }
}
