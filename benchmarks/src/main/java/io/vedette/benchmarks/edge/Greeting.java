package io.vedette.benchmarks.edge;

/** What a client of a crowd says, by its number. */
interface Greeting {
  String path(int client);

  /** Header lines of the handshake, each with its line end. */
  String headers();

  /** First message; empty for none. */
  String hello(int client);
}
