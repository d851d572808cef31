package io.vedette.analyzer.window;

import io.vedette.analyzer.rule.GroupKey;
import io.vedette.model.Evidence;
import io.vedette.model.Transition;

/** A transition of a key, not numbered yet. */
record Change(GroupKey key, Transition transition, long sinceUs, Evidence evidence) {}
