package io.vedette.standalone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.vedette.postgres.FolderLock;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What {@code instance.json} in the data folder says of the process that holds it, as long as its lock is held.
 *
 * @param folder the data folder
 * @param token the admin token; empty where its file cannot be read
 * @param databaseUrl of the schema's owner; a secret
 */
public record RunningInstance(
    Path folder,
    long pid,
    Instant started,
    String edgeUrl,
    String collectorUrl,
    String analyzerUrl,
    String alertUrl,
    int syslogPort,
    String token,
    String databaseUrl) {

  /** Where root's instances are when the server's account cannot reach the folder asked for. */
  private static final Path FALLBACK = Path.of("/var/lib/vedette");

  /** What the lock of a folder says, which goes with its process; what lies in files proves nothing, not even with a pid that lives. */
  sealed interface State {
    /** Nobody holds the folder. */
    record Free() implements State {}

    /** Process {@code pid} holds it and is not ready yet. */
    record Starting(long pid) implements State {}

    record Ready(RunningInstance instance) implements State {}
  }

  /** Empty where no process holds the folder, or one that is not ready. */
  public static Optional<RunningInstance> find(Path folder) {
    return state(folder) instanceof State.Ready ready
        ? Optional.of(ready.instance())
        : Optional.empty();
  }

  static State state(Path folder) {
    return state(folder, FALLBACK);
  }

  /** Of the folder asked for, else of the fallback where that is used in its stead. */
  static State state(Path asked, Path fallback) {
    State here;
    try {
      here = read(asked, json -> true);
    } catch (IOException e) {
      String why = e instanceof AccessDeniedException ? "permission denied" : e.getMessage();
      throw new CommandFailure(
          "cannot read who holds " + asked.toAbsolutePath().normalize() + ": " + why
              + " (expected: the data folder of an instance of this user)",
          e);
    }
    if (!(here instanceof State.Free)) {
      return here;
    }
    String name = asked.toAbsolutePath().normalize().toString();
    try {
      return read(fallback, json -> json.path("asked_dir").asText().equals(name));
    } catch (AccessDeniedException e) {
      return here; // root's, and then not what this user asked for
    } catch (IOException e) {
      throw new CommandFailure("cannot read who holds " + fallback + ": " + e.getMessage(), e);
    }
  }

  private static State read(Path folder, Predicate<JsonNode> ours) throws IOException {
    FolderLock.Holder holder = FolderLock.holder(folder).orElse(null);
    if (holder == null) {
      return new State.Free();
    }
    JsonNode json = InstanceClient.JSON.readTree(holder.content().orElse("{}"));
    if (json.path("pid").asLong(-1) != holder.pid()) {
      // Nothing published yet: for whom the fallback is being started, nobody can tell.
      return ours.test(json) ? new State.Starting(holder.pid()) : new State.Free();
    }
    if (!ours.test(json)) {
      return new State.Free();
    }
    JsonNode urls = json.path("urls");
    return new State.Ready(new RunningInstance(
        folder,
        holder.pid(),
        Instant.parse(json.path("started").asText()),
        urls.path("edge").asText(),
        urls.path("collector").asText(),
        urls.path("analyzer").asText(),
        urls.path("alert").asText(),
        json.path("ports").path("collector.syslog").asInt(0),
        token(folder),
        json.path("database_url").asText()));
  }

  /** The running instance, or a failure that says how to start one. */
  public static RunningInstance require(Path folder) {
    return find(folder)
        .orElseThrow(() -> new CommandFailure("no instance is running on " + folder.toAbsolutePath()
            + " (start one: ./vedette up, or name its folder with --data-dir)"));
  }

  private static String token(Path folder) {
    try {
      return Files.readString(folder.resolve("admin-token")).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
