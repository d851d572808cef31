package io.vedette.model;

import java.nio.charset.StandardCharsets;

/**
 * One message of an ordered topic other than {@code records}: numbered without holes per (trail, topic) in the transaction that made it.
 *
 * @param topic {@code findings}, {@code alerts} or {@code notifications}
 * @param epoch the trail's incarnation
 * @param offset from 1
 * @param json the body, UTF-8 JSON; not to be modified
 */
public record Publication(
    int trail, String topic, String epoch, long offset, byte[] json, Stamps stamps) {
  public String text() {
    return new String(json, StandardCharsets.UTF_8);
  }
}
