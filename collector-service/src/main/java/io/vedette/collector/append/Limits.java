package io.vedette.collector.append;

/** When what was gathered is sent: so many records, so many bytes, or so old. */
public record Limits(int maxRecords, long maxBytes, long maxAgeUs) {
  public static final Limits DEFAULT = new Limits(1_000, 1 << 20, 5_000);
}
