package io.vedette.runtime.expression;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelBuilder;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;

/** Compiles CEL: strings, math and regex extensions and optional types, at most 10,000 steps of a comprehension. One environment for records, one for samples, one for other publications. Thread safe. */
public final class Expressions {
  public static final String RECORD_VARIABLES =
      "time, observed, severity, severity_number, kind, actor, action, target, outcome, origin, session, message, source, attributes, flags, record";
  public static final String SAMPLE_VARIABLES = "name, labels, value";
  public static final String PUBLICATION_VARIABLES = "publication, labels";

  private static final int MAX_STEPS = 10_000;

  private static final CelOptions OPTIONS = CelOptions.current()
      .comprehensionMaxIterations(MAX_STEPS)
      .enableHeterogeneousNumericComparisons(true)
      .build();
  private static final CelType ANY_MAP = MapType.create(SimpleType.STRING, SimpleType.DYN);

  private static final Cel RECORDS = records();
  private static final Cel SAMPLES = samples(true);
  private static final Cel SERIES = samples(false);
  private static final Cel PUBLICATIONS =
      builder().addVar("publication", ANY_MAP).addVar("labels", ANY_MAP).build();

  private Expressions() {}

  /** What {@code where} and {@code group_by} of a sample may see: not its value, so that they are evaluated once per series. */
  public static CelRuntime.Program ofSeries(String text, CelType wanted) throws BadExpression {
    return program(SERIES, compile(SERIES, text, wanted));
  }

  public static CelRuntime.Program ofSample(String text, CelType wanted) throws BadExpression {
    return program(SAMPLES, compile(SAMPLES, text, wanted));
  }

  public static CelRuntime.Program ofRecord(String text, CelType wanted) throws BadExpression {
    return program(RECORDS, compile(RECORDS, text, wanted));
  }

  /** A client's condition on records that costs at most so much: one per part of the expression, ten per look at a text, a hundred times that within a comprehension. Some functions are refused. */
  public static CelRuntime.Program recordCondition(String text, long maxCost) throws BadExpression {
    return condition(RECORDS, text, maxCost);
  }

  /** A client's condition on a finding, an alert or a notification, as its topic's body shows it. */
  public static CelRuntime.Program publicationCondition(String text, long maxCost)
      throws BadExpression {
    return condition(PUBLICATIONS, text, maxCost);
  }

  private static CelRuntime.Program condition(Cel cel, String text, long maxCost)
      throws BadExpression {
    CelAbstractSyntaxTree tree = compile(cel, text, SimpleType.BOOL);
    ClientConditions.check(tree, maxCost);
    return program(cel, tree);
  }

  private static CelAbstractSyntaxTree compile(Cel cel, String text, CelType wanted)
      throws BadExpression {
    CelValidationResult result = cel.compile(text);
    if (result.hasError()) {
      CelIssue first = result.getErrors().get(0);
      throw new BadExpression(
          first.getMessage().strip(),
          Math.max(1, first.getSourceLocation().getLine()),
          Math.max(0, first.getSourceLocation().getColumn()) + 1);
    }
    try {
      CelType type = result.getAst().getResultType();
      if (!wanted.equals(SimpleType.DYN) && !type.equals(wanted) && !type.equals(SimpleType.DYN)) {
        throw new BadExpression("gives " + type.name() + ", not " + wanted.name(), 1, 1);
      }
      return result.getAst();
    } catch (CelValidationException refused) {
      throw new BadExpression(String.valueOf(refused.getMessage()), 1, 1);
    }
  }

  private static CelRuntime.Program program(Cel cel, CelAbstractSyntaxTree tree)
      throws BadExpression {
    try {
      return cel.createProgram(tree);
    } catch (CelEvaluationException refused) {
      throw new BadExpression(String.valueOf(refused.getMessage()), 1, 1);
    }
  }

  private static CelBuilder builder() {
    return CelFactory.legacyCelBuilder()
        .setOptions(OPTIONS)
        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
        .addCompilerLibraries(
            CelExtensions.strings(),
            CelExtensions.math(),
            CelExtensions.regex(),
            CelExtensions.optional())
        .addRuntimeLibraries(
            CelExtensions.strings(),
            CelExtensions.math(),
            CelExtensions.regex(),
            CelExtensions.optional());
  }

  private static Cel records() {
    CelBuilder builder = builder();
    for (String text : new String[] {
      "severity",
      "kind",
      "actor",
      "action",
      "target",
      "outcome",
      "origin",
      "session",
      "message",
      "source"
    }) {
      builder.addVar(text, SimpleType.STRING);
    }
    return builder
        .addVar("time", SimpleType.TIMESTAMP)
        .addVar("observed", SimpleType.TIMESTAMP)
        .addVar("severity_number", SimpleType.INT)
        .addVar("attributes", ANY_MAP)
        .addVar("flags", ListType.create(SimpleType.STRING))
        .addVar("record", ANY_MAP)
        .build();
  }

  private static Cel samples(boolean withValue) {
    CelBuilder builder = builder()
        .addVar("name", SimpleType.STRING)
        .addVar("labels", MapType.create(SimpleType.STRING, SimpleType.STRING));
    if (withValue) {
      builder.addVar("value", SimpleType.DOUBLE);
    }
    return builder.build();
  }
}
