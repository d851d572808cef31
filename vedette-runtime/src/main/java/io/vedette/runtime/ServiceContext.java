package io.vedette.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.runtime.auth.Access;
import io.vedette.runtime.auth.TokenLookup;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.http.HttpDoors;
import io.vertx.core.Vertx;
import java.util.UUID;

/**
 * What a process gives to the services it runs; shared by all of them and closed by whoever made it.
 *
 * @param nodeId random per process
 * @param standalone whether all services run in this process with its own database
 * @param clustered whether {@code vertx} is a member of a cluster
 */
public record ServiceContext(
    Vertx vertx,
    Config config,
    MeterRegistry metrics,
    Health health,
    About about,
    String nodeId,
    HttpDoors http,
    Access access,
    boolean standalone,
    boolean clustered) {

  /** With its own health, access and doors, and the codecs of the bus registered. */
  public static ServiceContext create(
      Vertx vertx,
      Config config,
      MeterRegistry metrics,
      TokenLookup tokens,
      boolean standalone,
      boolean clustered) {
    return create(
        vertx, config, metrics, tokens, UUID.randomUUID().toString(), standalone, clustered);
  }

  public static ServiceContext create(
      Vertx vertx,
      Config config,
      MeterRegistry metrics,
      TokenLookup tokens,
      String nodeId,
      boolean standalone,
      boolean clustered) {
    Codecs.register(vertx.eventBus());
    Health health = new Health();
    Access access = Access.create(vertx, config, tokens, metrics);
    HttpDoors http = new HttpDoors(vertx, config, metrics, health, access);
    return new ServiceContext(
        vertx, config, metrics, health, new About(), nodeId, http, access, standalone, clustered);
  }
}
