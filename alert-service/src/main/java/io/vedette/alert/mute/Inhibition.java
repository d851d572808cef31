package io.vedette.alert.mute;

import io.vedette.alert.route.Matcher;
import java.util.List;

/** While a source alert fires, alerts that match the target and have the same values for the {@code equal} labels are muted. */
public record Inhibition(List<Matcher> source, List<Matcher> target, List<String> equal) {
  public Inhibition {
    source = List.copyOf(source);
    target = List.copyOf(target);
    equal = List.copyOf(equal);
  }
}
