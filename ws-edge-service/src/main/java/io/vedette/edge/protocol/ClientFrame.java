package io.vedette.edge.protocol;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a client can say: the frames of the Vert.x event-bus bridge. {@link Invalid} is a frame that is none, with the code to answer. */
public sealed interface ClientFrame {

  record Register(String address, Map<String, String> headers) implements ClientFrame {}

  record Unregister(String address) implements ClientFrame {}

  /**
   * @param body UTF-8 JSON of the body, {@code null} when absent
   * @param replyAddress where the answer goes; null when none is wanted
   */
  record Send(
      String address, byte @Nullable [] body, @Nullable String replyAddress)
      implements ClientFrame {}

  record Publish(String address) implements ClientFrame {}

  record Ping() implements ClientFrame {}

  record Invalid(ErrorCode code, String detail) implements ClientFrame {}
}
