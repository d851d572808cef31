package io.vedette.runtime.expression;

/** Why an expression is refused; line and column are within the expression, from 1. */
public final class BadExpression extends Exception {
  private static final long serialVersionUID = 1;
  private final int line;
  private final int column;

  BadExpression(String message, int line, int column) {
    super(message);
    this.line = line;
    this.column = column;
  }

  public int line() {
    return line;
  }

  public int column() {
    return column;
  }
}
