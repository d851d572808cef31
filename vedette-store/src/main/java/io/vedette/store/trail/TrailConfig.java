package io.vedette.store.trail;

import io.vedette.runtime.config.ConfigNode;
import io.vedette.runtime.config.ConfigSection;
import io.vedette.runtime.config.Key;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The keys of signing, checkpoints and their verification. Here, and not with the collector which reads them, because one file serves every process. */
public final class TrailConfig implements ConfigSection {
  public static final Key<Optional<String>> KEY = Key.optionalString(
          "trail.key",
          "The private key that signs checkpoints, PRIVATE+KEY+<origin>+<id>+<base64> (vedette trail keys --generate). Prefer trail.key-file.")
      .secret();
  public static final Key<Optional<String>> KEY_FILE = Key.optionalString(
      "trail.key-file",
      "File with the private key that signs checkpoints. Standalone makes one in its data folder; a cluster is given one. Without a key nothing is signed.");
  public static final Key<Optional<String>> NEXT_KEY_FILE = Key.optionalString(
      "trail.next-key-file",
      "While a key is being replaced: the key to come, which signs as well. Readers that know either of them accept the checkpoints.");
  public static final Key<Optional<String>> PREVIOUS_KEY_FILE = Key.optionalString(
      "trail.previous-key-file",
      "While a key is being replaced: the key that went, which still signs as well.");
  public static final Key<Optional<String>> SIGNER_STATE_FILE = Key.optionalString(
      "trail.signer-state-file",
      "Where the signer keeps the last checkpoint it signed, outside the database; it signs no tree that does not extend it. Standalone: last-checkpoint beside the key. Without it a restored database is not noticed over a restart.");
  public static final Key<String> SIGNER_STATE_COPY = Key.string(
      "trail.signer-state-copy",
      "auto",
      "A second copy of that file, elsewhere. auto: in standalone below the user's state folder ($XDG_STATE_HOME or ~/.local/state), so that putting back a whole data folder is noticed; none: no copy.");
  public static final Key<Duration> CHECKPOINT_INTERVAL = Key.duration(
      "trail.checkpoint-interval",
      Duration.ofMillis(500),
      Duration.ofMillis(10),
      Duration.ofHours(1),
      "Least time between two checkpoints. Longer: receipts wait longer; shorter: more signatures and rows.");
  public static final Key<ConfigNode> CHECKPOINT_COPY = Key.tree(
      "trail.checkpoint-copy",
      "Where checkpoints are sent, away from this host: a list of {file: path}, {webhook: url}, {email: address, from: address, smtp: host:port}. What lies there shows a rollback of everything here.");
  public static final Key<Duration> CHECKPOINT_COPY_INTERVAL = Key.duration(
      "trail.checkpoint-copy-interval",
      Duration.ofHours(24),
      Duration.ofSeconds(1),
      Duration.ofDays(365),
      "How often they are sent, besides at the start. What was appended since the last copy is what a rollback could hide.");
  public static final Key<Integer> VERIFY_CPU_PERCENT = Key.integer(
      "trail.verify-cpu-percent",
      5,
      0,
      100,
      "Of one core, what the continuous verification of the whole trail may take. 0 turns it off; less finds changes later.");

  @Override
  public String name() {
    return "trail";
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(
        KEY,
        KEY_FILE,
        NEXT_KEY_FILE,
        PREVIOUS_KEY_FILE,
        SIGNER_STATE_FILE,
        SIGNER_STATE_COPY,
        CHECKPOINT_INTERVAL,
        CHECKPOINT_COPY,
        CHECKPOINT_COPY_INTERVAL,
        VERIFY_CPU_PERCENT);
  }
}
