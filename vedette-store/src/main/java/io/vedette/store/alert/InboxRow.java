package io.vedette.store.alert;

/** An alert posted from outside that waits for the owner. */
public record InboxRow(long id, long atUs, String json) {}
