package io.vedette.edge.protocol;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the edge says, as UTF-8 JSON. Bodies are spliced in as they are, never parsed: they are the store's canonical bytes or were encoded by us. Pure functions.
 */
public final class ServerFrames {
  public static final byte[] PONG = utf8("{\"type\":\"pong\"}");

  private ServerFrames() {}

  /** A publication. {@code body} is JSON. */
  public static byte[] rec(String address, String position, byte[] body) {
    return join(
        utf8("{\"type\":\"rec\",\"address\":"
            + quote(address)
            + ",\"headers\":{\"position\":"
            + quote(position)
            + "},\"body\":"),
        body,
        utf8("}"));
  }

  /** A publication that is one of {@code every}; so many before it were left out. */
  public static byte[] sampled(
      String address, String position, int every, long skipped, byte[] body) {
    return join(
        utf8("{\"type\":\"rec\",\"address\":"
            + quote(address)
            + ",\"headers\":{\"position\":"
            + quote(position)
            + ",\"sampled\":\"1/"
            + every
            + "\",\"skipped\":\""
            + skipped
            + "\"},\"body\":"),
        body,
        utf8("}"));
  }

  /** Several messages as one. */
  public static byte[] batch(List<byte[]> messages) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(
        64 + messages.stream().mapToInt(message -> message.length + 1).sum());
    out.writeBytes(utf8("{\"type\":\"batch\",\"frames\":["));
    for (int i = 0; i < messages.size(); i++) {
      if (i > 0) {
        out.write(',');
      }
      out.writeBytes(messages.get(i));
    }
    out.writeBytes(utf8("]}"));
    return out.toByteArray();
  }

  /** The body of one record of the topic {@code records}; {@code at} is log time, left out where unknown. */
  public static byte[] recordBody(long index, @Nullable String at, byte[] canonical) {
    return join(
        utf8("{\"index\":" + index + (at == null ? "" : ",\"at\":\"" + at + "\"") + ",\"record\":"),
        canonical,
        utf8("}"));
  }

  /** Answer to a register that named a position. {@code reason} says why nothing, or not everything, could be recovered. */
  public static byte[] registered(
      String address, String position, boolean recovered, long replay, @Nullable String reason) {
    return utf8("{\"type\":\"registered\",\"address\":"
        + quote(address)
        + ",\"position\":"
        + quote(position)
        + ",\"recovered\":"
        + recovered
        + ",\"replay\":"
        + replay
        + (reason == null ? "" : ",\"reason\":" + quote(reason))
        + "}");
  }

  /** The newest position of a topic; sent to subscriptions that named a position. */
  public static byte[] head(String address, String position) {
    return utf8("{\"type\":\"head\",\"address\":"
        + quote(address)
        + ",\"position\":"
        + quote(position)
        + "}");
  }

  /** As {@link #head}, while a topic is sampled: so many were left out since the last head. */
  public static byte[] sampledHead(String address, String position, int every, long skipped) {
    return utf8("{\"type\":\"head\",\"address\":"
        + quote(address)
        + ",\"position\":"
        + quote(position)
        + ",\"sampled\":\"1/"
        + every
        + "\",\"skipped\":"
        + skipped
        + "}");
  }

  /** As {@link #head}, for a subscription with a filter: up to {@code reached} it has got whatever its filter wants. */
  public static byte[] head(String address, String position, String reached) {
    return utf8("{\"type\":\"head\",\"address\":"
        + quote(address)
        + ",\"position\":"
        + quote(position)
        + ",\"reached\":"
        + quote(reached)
        + "}");
  }

  /** As {@link #registered}, for a subscription with a filter: {@code search} old publications are looked through, and {@link #replayed} tells how many of them were wanted. */
  public static byte[] searching(
      String address, String position, boolean recovered, long search, @Nullable String reason) {
    return utf8("{\"type\":\"registered\",\"address\":"
        + quote(address)
        + ",\"position\":"
        + quote(position)
        + ",\"recovered\":"
        + recovered
        + ",\"filtered\":true,\"search\":"
        + search
        + (reason == null ? "" : ",\"reason\":" + quote(reason))
        + "}");
  }

  /** A search through old publications is at its end: {@code replay} of them were sent. */
  public static byte[] replayed(String address, String position, long replay) {
    return utf8("{\"type\":\"replayed\",\"address\":"
        + quote(address)
        + ",\"position\":"
        + quote(position)
        + ",\"replay\":"
        + replay
        + "}");
  }

  public static byte[] error(ErrorCode code, @Nullable String address, String message) {
    return utf8("{\"type\":\"err\",\"body\":\""
        + code.text()
        + "\""
        + (address == null ? "" : ",\"address\":" + quote(address))
        + ",\"message\":"
        + quote(message)
        + "}");
  }

  /** A positive answer to a send. */
  public static byte[] reply(String replyAddress, byte[] body) {
    return join(
        utf8("{\"type\":\"rec\",\"address\":" + quote(replyAddress) + ",\"body\":"),
        body,
        utf8("}"));
  }

  /** A failed send, in the bridge's form. */
  public static byte[] failure(String replyAddress, int code, String type, String message) {
    return utf8("{\"type\":\"err\",\"address\":"
        + quote(replyAddress)
        + ",\"failureCode\":"
        + code
        + ",\"failureType\":"
        + quote(type)
        + ",\"message\":"
        + quote(message)
        + "}");
  }

  /** First frame of a session on {@code /monitor}. */
  public static byte[] welcome(String session, String node, String principal, long idleMs) {
    return utf8(
        "{\"type\":\"welcome\",\"protocol\":\"vedette.v1\",\"session\":"
            + quote(session)
            + ",\"node\":"
            + quote(node)
            + ",\"principal\":"
            + quote(principal)
            + ",\"idleMs\":"
            + idleMs
            + ",\"topics\":[\"records\",\"findings\",\"alerts\",\"notifications\",\"statistics.<name>\",\"cluster\"]}");
  }

  public static String quote(String text) {
    return "\"" + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + "\"";
  }

  public static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] join(byte[] before, byte[] middle, byte[] after) {
    ByteArrayOutputStream out =
        new ByteArrayOutputStream(before.length + middle.length + after.length);
    out.writeBytes(before);
    out.writeBytes(middle);
    out.writeBytes(after);
    return out.toByteArray();
  }
}
