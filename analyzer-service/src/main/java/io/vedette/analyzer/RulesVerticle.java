package io.vedette.analyzer;

import io.vedette.analyzer.rule.RulesFile;
import io.vedette.analyzer.rule.RulesParser;
import io.vedette.runtime.Addresses;
import io.vedette.runtime.auth.Role;
import io.vedette.store.MicroClock;
import io.vedette.store.analysis.RuleRevisions;
import io.vedette.store.analysis.RuleRevisions.Applied;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Imports the rules of the folder at the first start, says when they differ from those in force, and puts others in force on request. */
final class RulesVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(RulesVerticle.class);
  private static final int BAD_REQUEST = 400;
  private static final int FORBIDDEN = 403;
  private static final int UNAVAILABLE = 503;

  private final RuleRevisions revisions;
  private final int trail;
  private final Path folder;
  private @Nullable MessageConsumer<JsonObject> requests;

  RulesVerticle(RuleRevisions revisions, int trail, Path folder) {
    this.revisions = revisions;
    this.trail = trail;
    this.folder = folder;
  }

  @Override
  public Future<?> start() {
    MessageConsumer<JsonObject> consumer =
        vertx.eventBus().consumer(Addresses.RULES_APPLY, this::apply);
    requests = consumer;
    return vertx
        .executeBlocking(this::proposed)
        .compose(this::importFirst)
        .compose(imported -> consumer.completion());
  }

  @Override
  public Future<?> stop() {
    return requests == null ? Future.succeededFuture() : requests.unregister();
  }

  private record Proposal(String from, List<RulesFile> files, String hash, int rules) {}

  private Proposal proposed() throws IOException {
    boolean given = Files.isDirectory(folder);
    List<RulesFile> files = given ? RulesFolder.read(folder) : RulesFolder.shipped();
    RulesParser.Parsed parsed = RulesParser.parse(files);
    if (!parsed.problems().isEmpty()) {
      throw new IllegalStateException("rules in " + folder + ":\n" + problems(parsed)
          + "\n(check them with: vedette rules check " + folder + ")");
    }
    return new Proposal(
        given ? folder.toString() : "the shipped rules",
        files,
        RulesFolder.hash(parsed.rules()),
        parsed.rules().size());
  }

  private Future<Void> importFirst(Proposal proposal) {
    return revisions
        .importFirst(
            trail, RulesFolder.texts(proposal.files()), proposal.hash(), MicroClock.SYSTEM.nowUs())
        .map(applied -> {
          if (applied.changed()) {
            LOG.info("rules imported from={} rules={}", proposal.from(), proposal.rules());
          } else if (!applied.revision().hash().equals(proposal.hash())) {
            LOG.warn(
                "rules in {} differ from revision {} in force, which holds; to change that: vedette rules apply {}",
                proposal.from(),
                applied.revision().revision(),
                folder);
          }
          return null;
        });
  }

  private void apply(Message<JsonObject> request) {
    String named = Optional.ofNullable(request.headers().get(Addresses.TRAIL)).orElse("1");
    if (!named.equals(Integer.toString(trail))) {
      return; // another analyzer's trail; without one the caller gets its failure
    }
    if (!mayApply(request.headers().get(Addresses.ROLE))) {
      request.fail(FORBIDDEN, "rules.apply needs the role admin");
      return;
    }
    Object given = request.body() == null ? null : request.body().getValue("files");
    if (!(given instanceof JsonObject files)
        || files.stream().anyMatch(file -> !(file.getValue() instanceof String))) {
      request.fail(BAD_REQUEST, "files: missing or no map (expected: file name to YAML)");
      return;
    }
    List<RulesFile> read = new ArrayList<>();
    files.forEach(file -> read.add(new RulesFile(file.getKey(), String.valueOf(file.getValue()))));
    String author =
        Optional.ofNullable(request.headers().get(Addresses.PRINCIPAL)).orElse("unknown");
    String comment = String.valueOf(request.body().getValue("comment", ""));
    vertx
        .executeBlocking(() -> RulesParser.parse(read))
        .compose(parsed -> parsed.problems().isEmpty()
            ? revisions.apply(
                trail,
                RulesFolder.texts(read),
                RulesFolder.hash(parsed.rules()),
                author,
                comment,
                MicroClock.SYSTEM.nowUs())
            : Future.failedFuture(new IllegalArgumentException(problems(parsed))))
        .onSuccess(applied -> request.reply(answer(applied)))
        .onFailure(failure -> request.fail(
            failure instanceof IllegalArgumentException ? BAD_REQUEST : UNAVAILABLE,
            String.valueOf(failure.getMessage())));
  }

  private static boolean mayApply(@Nullable String role) {
    for (Role known : Role.values()) {
      if (known.name().toLowerCase(Locale.ROOT).equals(role)) {
        return known.allows(Role.ADMIN);
      }
    }
    return false;
  }

  private static JsonObject answer(Applied applied) {
    return new JsonObject()
        .put("revision", applied.revision().revision())
        .put("validFrom", applied.revision().validFrom())
        .put("hash", applied.revision().hash())
        .put("changed", applied.changed())
        .put("files", new JsonArray(new ArrayList<>(applied.revision().files().keySet())));
  }

  private static String problems(RulesParser.Parsed parsed) {
    return parsed.problems().stream().map(String::valueOf).collect(Collectors.joining("\n"));
  }
}
