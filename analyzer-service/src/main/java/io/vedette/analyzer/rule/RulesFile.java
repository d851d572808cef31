package io.vedette.analyzer.rule;

/** One file of rules: its name below the rules folder and its text. */
public record RulesFile(String name, String text) {}
