package io.vedette.edge.hub;

import io.vedette.runtime.auth.Principal;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What clients may ask of services through a session. */
public interface Actions {

  /** What became of a request: a JSON body, or a failure in the bus' form. */
  sealed interface Answer {
    record Reply(byte[] body) implements Answer {}

    record Failure(int code, String type, String message) implements Answer {}

    /** No such action. */
    record Unknown(String message) implements Answer {}

    /** The principal's roles do not allow it. */
    record Denied(String message) implements Answer {}
  }

  CompletionStage<Answer> request(Principal principal, String address, byte @Nullable [] body);
}
