package io.vedette.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Talks to a running instance through its public doors, with the admin token of its folder. Blocking; for commands only. */
final class InstanceClient {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final RunningInstance instance;
  private final HttpClient http = HttpClient.newBuilder()
      .connectTimeout(Duration.ofSeconds(3))
      .version(HttpClient.Version.HTTP_1_1)
      .build();

  InstanceClient(RunningInstance instance) {
    this.instance = instance;
  }

  /** GET of a path of the edge; the answer must be 200. */
  JsonNode get(String path) {
    HttpResponse<String> response =
        send(HttpRequest.newBuilder(URI.create(instance.edgeUrl() + path)).GET());
    if (response.statusCode() != 200) {
      throw new CommandFailure(
          "GET " + path + " answered " + response.statusCode() + ": " + response.body());
    }
    return read(response.body());
  }

  /** POST of a JSON body to the collector; the answer must be 2xx. */
  JsonNode postRecords(String body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(
            URI.create(instance.collectorUrl() + "/v1/records"))
        .header("Content-Type", "application/x-ndjson")
        .POST(HttpRequest.BodyPublishers.ofString(body));
    HttpResponse<String> response = send(request);
    if (response.statusCode() / 100 != 2) {
      throw new CommandFailure(
          "POST /v1/records answered " + response.statusCode() + ": " + response.body());
    }
    return read(response.body());
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    HttpRequest ready = request
        .header("Authorization", "Bearer " + instance.token())
        .timeout(TIMEOUT)
        .build();
    try {
      return http.send(ready, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new CommandFailure(
          ready.uri() + " does not answer (" + e.getMessage()
              + "); is the instance still running? ./vedette status",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted", e);
    }
  }

  private static JsonNode read(String body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
