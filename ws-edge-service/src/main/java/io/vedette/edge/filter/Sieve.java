package io.vedette.edge.filter;

/** What of a topic some subscriptions take; the same object for all that take the same. */
public sealed interface Sieve permits Filter, Selector {}
