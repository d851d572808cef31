package io.vedette.runtime.auth;

import io.vertx.core.Future;
import java.util.Optional;

/** Finds who holds an API token. Empty when nobody does or it was revoked; an expired one may be returned and is judged by its expiry. */
public interface TokenLookup {
  Future<Optional<Principal>> byToken(String presented);

  /** Knows no token: only JWTs are accepted. */
  static TokenLookup none() {
    return presented -> Future.succeededFuture(Optional.empty());
  }
}
