package io.vedette.analyzer.rule;

/** What is wrong with a rules file, and where. */
public record RuleProblem(String file, int line, String found, String expected) {
  @Override
  public String toString() {
    return file + ":" + line + ": " + found + " (expected: " + expected + ")";
  }
}
