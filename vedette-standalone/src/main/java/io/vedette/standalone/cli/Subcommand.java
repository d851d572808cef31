package io.vedette.standalone.cli;

/** A picocli command that another module brings to {@code ./vedette}; found by {@link java.util.ServiceLoader}. */
public interface Subcommand {}
