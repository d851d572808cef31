package io.vedette.benchmarks.edge;

/** What is published: an ordered topic, whose every publication is a message of its own, or a state topic, whose messages carry what changed since the last. */
enum Topic {
  RECORDS("records", "\"index"),
  STATISTICS("statistics.host", "\"endMs");

  final String address;

  /** What stands before the number of a publication in its JSON, whatever quotes it once more. */
  final String marker;

  Topic(String address, String marker) {
    this.address = address;
    this.marker = marker;
  }
}
