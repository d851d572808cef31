package io.vedette.model;

import java.util.List;
import java.util.Map;

/** A live process of the cluster, as its row and its message on {@code node.status} say. */
public record NodeStatus(
    String id,
    List<String> services,
    String version,
    String host,
    int busPort,
    long startedUs,
    long aliveUs,
    Map<String, String> info) {
  public NodeStatus {
    services = List.copyOf(services);
    info = Map.copyOf(info);
  }
}
