package io.vedette.collector.source;

/** A source cannot run: the message says why, {@code remedy} names the command or key that would change it. */
public final class SourceException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  public SourceException(String why, String remedy) {
    super(why);
    this.remedy = remedy;
  }

  public String remedy() {
    return remedy;
  }
}
