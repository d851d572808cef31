package io.vedette.collector.process;

import io.vedette.model.RecordDraft;
import java.util.ArrayList;
import java.util.List;

/** The steps every record of a source passes, in order. Thread safe. */
public final class Pipeline implements Step {

  /** Steps by the name that configuration gives them. */
  public static final List<String> STEPS = List.of("auth");

  private final List<Step> steps;

  public Pipeline(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /** A pipeline of named steps. */
  public static Pipeline of(List<String> names) {
    List<Step> steps = new ArrayList<>();
    for (String name : names) {
      if (!name.equals("auth")) {
        throw new IllegalArgumentException(
            "process: " + name + " (expected: " + String.join(", ", STEPS) + ")");
      }
      steps.add(new AuthStep());
    }
    return new Pipeline(steps);
  }

  @Override
  public Result apply(RecordDraft record) {
    Result result = new Kept(record);
    for (Step step : steps) {
      if (!(result instanceof Kept kept)) {
        return result;
      }
      result = step.apply(kept.record());
    }
    return result;
  }
}
