package io.vedette.edge.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.vedette.edge.protocol.ClientFrame.Invalid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bytes to a {@link ClientFrame}, in one streaming pass without building a tree. Bounded by nesting depth 32, 64 headers and the message size the socket allows. Safe for use by any thread.
 */
public final class FrameParser {
  private static final int MAX_HEADERS = 64;
  private static final int MAX_REPLY_ADDRESS = 36;
  private static final JsonFactory JSON = JsonFactory.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(32)
          .maxNameLength(1024)
          .build())
      .build();

  private final int maxAddressLength;

  public FrameParser(int maxAddressLength) {
    this.maxAddressLength = maxAddressLength;
  }

  /** The frame in {@code text}; never throws for what a client may send. */
  public ClientFrame parse(byte[] text) {
    try (JsonParser parser = JSON.createParser(text)) {
      return parse(text, parser);
    } catch (JsonProcessingException broken) {
      return new Invalid(ErrorCode.INVALID_JSON, broken.getOriginalMessage());
    } catch (IOException broken) {
      return new Invalid(ErrorCode.INVALID_JSON, "not UTF-8 JSON");
    }
  }

  private ClientFrame parse(byte[] text, JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return new Invalid(ErrorCode.INVALID_JSON, "expected: one JSON object");
    }
    String type = null;
    String address = null;
    String replyAddress = null;
    byte[] body = null;
    Map<String, String> headers = Map.of();
    String wrong = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (field) {
        case "type" -> {
          type = value == JsonToken.VALUE_STRING ? parser.getText() : null;
          parser.skipChildren();
        }
        case "address" -> {
          address = value == JsonToken.VALUE_STRING ? parser.getText() : null;
          parser.skipChildren();
        }
        case "replyAddress" -> {
          if (value != JsonToken.VALUE_STRING && value != JsonToken.VALUE_NULL) {
            wrong = "replyAddress: expected a string";
          }
          replyAddress = value == JsonToken.VALUE_STRING ? parser.getText() : null;
          parser.skipChildren();
        }
        case "headers" -> {
          Map<String, String> read = headers(text, parser, value);
          if (read == null) {
            wrong = "headers: expected an object of at most " + MAX_HEADERS + " plain values";
          } else {
            headers = read;
          }
        }
        case "body" -> body = value == JsonToken.VALUE_NULL ? null : copy(text, parser);
        default -> parser.skipChildren();
      }
    }
    if (parser.nextToken() != null) {
      return new Invalid(ErrorCode.INVALID_JSON, "expected: nothing behind the object");
    }
    if (type == null) {
      return new Invalid(ErrorCode.MISSING_TYPE, "type: missing");
    }
    if (type.equals("ping")) {
      return new ClientFrame.Ping();
    }
    if (!type.equals("register")
        && !type.equals("unregister")
        && !type.equals("send")
        && !type.equals("publish")) {
      return new Invalid(
          ErrorCode.INVALID_TYPE,
          "type: " + clip(type) + " (expected: register, unregister, send, publish, ping)");
    }
    if (address == null || address.isEmpty()) {
      return new Invalid(ErrorCode.MISSING_ADDRESS, "address: missing");
    }
    if (address.length() > maxAddressLength) {
      return new Invalid(
          ErrorCode.MAX_ADDRESS_LENGTH_REACHED,
          "address: " + address.length() + " characters (expected: at most " + maxAddressLength
              + ")");
    }
    if (replyAddress != null && replyAddress.length() > MAX_REPLY_ADDRESS) {
      return new Invalid(
          ErrorCode.INVALID_REPLY_ADDRESS,
          "replyAddress: " + replyAddress.length() + " characters (expected: at most 36)");
    }
    if (wrong != null) {
      return new Invalid(ErrorCode.REJECTED, wrong);
    }
    return switch (type) {
      case "register" -> new ClientFrame.Register(address, headers);
      case "unregister" -> new ClientFrame.Unregister(address);
      case "send" -> new ClientFrame.Send(address, body, replyAddress);
      default -> new ClientFrame.Publish(address);
    };
  }

  private static @Nullable Map<String, String> headers(
      byte[] text, JsonParser parser, JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_NULL) {
      return Map.of();
    }
    if (value != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return null;
    }
    Map<String, String> headers = new LinkedHashMap<>();
    boolean plain = true;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken token = parser.nextToken();
      if (token.isScalarValue() && headers.size() < MAX_HEADERS) {
        if (token != JsonToken.VALUE_NULL) {
          headers.put(name, parser.getText());
        }
      } else if (name.equals("filter") && token == JsonToken.START_OBJECT) {
        headers.put(name, new String(copy(text, parser), StandardCharsets.UTF_8));
      } else {
        plain = false;
        parser.skipChildren();
      }
    }
    return plain ? headers : null;
  }

  /** The value's own bytes, so that numbers stay as written; the parser has checked them. */
  private static byte[] copy(byte[] text, JsonParser parser) throws IOException {
    long from = parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    parser.finishToken();
    long to = parser.currentLocation().getByteOffset();
    if (from < 0 || to <= from || to > text.length) {
      throw new IOException("not UTF-8");
    }
    return Arrays.copyOfRange(text, (int) from, (int) to);
  }

  private static String clip(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }
}
