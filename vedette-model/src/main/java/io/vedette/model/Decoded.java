package io.vedette.model;

/** What became of received bytes: a record to be, or a rejection that says why not. */
public sealed interface Decoded permits RecordDraft, Rejection {}
