package io.vedette.store.trail;

import org.jspecify.annotations.Nullable;

/** How far a source was read, in its own words, and the number of its records so far. */
public record Cursor(String source, @Nullable String position, long sequence, long updatedUs) {}
