package io.vedette.model;

/**
 * When a batch passed the stations before it was announced, so that later stages can tell how old it is. Microseconds since the epoch by the wall clock of the process that did
 * the step; 0 where unknown (a batch read back from the store).
 *
 * @param receivedUs when the oldest record or sample of the batch was received
 * @param sealedUs when the batch was gathered, canonicalised and salted
 * @param committedUs when the commit was known
 */
public record Stamps(long receivedUs, long sealedUs, long committedUs) {
  public static final Stamps UNKNOWN = new Stamps(0, 0, 0);
}
