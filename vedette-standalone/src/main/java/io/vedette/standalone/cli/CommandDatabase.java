package io.vedette.standalone.cli;

import io.vedette.runtime.Codecs;
import io.vedette.store.Database;
import io.vedette.store.DatabaseOptions;
import io.vedette.store.DatabaseUrl;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** A database for as long as one command needs it. */
final class CommandDatabase {
  private static final long LIMIT_S = 30;

  private CommandDatabase() {}

  /** Blocks for the answer; a failure is one the user can understand. */
  static <T> T with(DatabaseUrl url, Function<Database, Future<T>> work)
      throws InterruptedException {
    Vertx vertx = Vertx.vertx();
    try {
      Codecs.register(vertx.eventBus());
      return Database.connect(vertx, url, DatabaseOptions.DEFAULT.withPoolSize(1))
          .compose(database -> work.apply(database).eventually(database::close))
          .toCompletionStage()
          .toCompletableFuture()
          .get(LIMIT_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new CommandFailure(String.valueOf(cause.getMessage()), e);
    } catch (TimeoutException e) {
      throw new CommandFailure("the database did not answer within " + LIMIT_S + " s", e);
    } finally {
      vertx.close();
    }
  }
}
