package io.vedette.store;

import io.vedette.runtime.Codecs;
import io.vedette.testkit.Await;
import io.vedette.testkit.TestDatabase;
import io.vedette.testkit.TestPostgres;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A database of its own for every test, on the durable server of this JVM. */
public abstract class StoreTest {
  protected Vertx vertx;
  protected TestDatabase db;
  protected Database database;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    Codecs.register(vertx.eventBus());
    db = TestPostgres.shared().fresh();
    database = db.connect(vertx);
  }

  @AfterEach
  void close() {
    Await.value(database.close());
    Await.value(vertx.close());
    db.close();
  }
}
