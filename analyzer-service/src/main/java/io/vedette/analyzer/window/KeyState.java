package io.vedette.analyzer.window;

import io.vedette.analyzer.rule.GroupKey;

/** What a rule knows of one key. Status and clocks are stored; the rest follows from panes and batches. */
final class KeyState {
  static final long NEVER = Long.MIN_VALUE;

  enum Status {
    QUIET(0),
    PENDING(1),
    FIRING(2);

    /** As it is stored. */
    final int code;

    Status(int code) {
      this.code = code;
    }

    static Status of(int code) {
      for (Status status : values()) {
        if (status.code == code) {
          return status;
        }
      }
      throw new IllegalArgumentException(
          "partition state: status " + code + " (expected: 0, 1 or 2)");
    }
  }

  final GroupKey key;
  final int slot;
  Status status = Status.QUIET;

  /** Log time at which the condition began to hold. */
  long sinceUs = NEVER;

  /** Log time at which the condition was last seen to hold. */
  long lastHeldUs = NEVER;

  /** Log time of the batch that touched it last. */
  long lastSeenUs = NEVER;

  /** First pane it was ever seen in. */
  long firstPane = Long.MAX_VALUE;

  /** Newest pane that holds anything. */
  long newestPane = NEVER;

  /** Newest pane touched by the current batch. */
  long touchedPane = NEVER;

  KeyState(GroupKey key, int slot) {
    this.key = key;
    this.slot = slot;
  }
}
