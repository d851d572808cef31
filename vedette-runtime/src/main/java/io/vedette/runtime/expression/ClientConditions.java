package io.vedette.runtime.expression;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What conditions of clients may do: they are evaluated for every publication, beside everybody's sessions, and must cost little each time. Only functions whose result is no larger than what they are given,
 * regular expressions only as literals and of a bounded size. Pure functions.
 */
final class ClientConditions {
  static final long MAX_REGEX_STEPS = 2_000;

  /** What one step of a comprehension is taken for when costs are compared: maps and lists of a record seldom have more members. */
  private static final long STEPS = 100;

  /** What a look at a whole text is taken for. */
  private static final long TEXT = 10;

  private static final long MAX_WEIGHT = 1L << 40;

  /** Those that CEL's operators, macros and extensions become in a checked tree. */
  private static final Set<String> PLAIN = Set.of(
      "_?_:_",
      "_&&_",
      "_||_",
      "!_",
      "_==_",
      "_!=_",
      "_<_",
      "_<=_",
      "_>_",
      "_>=_",
      "_+_",
      "_-_",
      "_*_",
      "_/_",
      "_%_",
      "-_",
      "_[_]",
      "_[?_]",
      "_?._",
      "@in",
      "@not_strictly_false",
      "size",
      "int",
      "uint",
      "double",
      "string",
      "bool",
      "dyn",
      "type",
      "timestamp",
      "duration",
      "getFullYear",
      "getMonth",
      "getDate",
      "getDayOfMonth",
      "getDayOfWeek",
      "getDayOfYear",
      "getHours",
      "getMinutes",
      "getSeconds",
      "getMilliseconds",
      "hasValue",
      "value",
      "or",
      "orValue");

  private static final Set<String> OF_TEXTS = Set.of(
      "contains",
      "startsWith",
      "endsWith",
      "matches",
      "charAt",
      "indexOf",
      "lastIndexOf",
      "substring",
      "trim",
      "lowerAscii",
      "upperAscii");

  private static final List<String> FAMILIES = List.of("math.", "optional.");
  private static final Set<String> GROWING = Set.of("add_string", "add_bytes");

  private ClientConditions() {}

  static void check(CelAbstractSyntaxTree tree, long maxCost) throws BadExpression {
    long cost = 0;
    long steps = 0;
    List<CelNavigableExpr> nodes =
        CelNavigableAst.fromAst(tree).getRoot().allNodes().toList();
    for (CelNavigableExpr node : nodes) {
      boolean ofText = false;
      if (node.getKind() == Kind.CALL) {
        CelCall call = node.expr().call();
        known(tree, node.id(), call.function());
        ofText = OF_TEXTS.contains(call.function());
        if (call.function().equals("matches")) {
          steps += RegexSize.of(pattern(call));
        }
      }
      cost = Math.min(MAX_WEIGHT, cost + weight(node) * (ofText ? TEXT : 1));
    }
    if (steps > MAX_REGEX_STEPS) {
      throw bad(
          "regular expressions of " + steps + " steps, repetitions written out",
          "at most " + MAX_REGEX_STEPS);
    }
    if (cost > maxCost) {
      throw bad("costs " + cost, "at most " + maxCost);
    }
  }

  private static void known(CelAbstractSyntaxTree tree, long id, String function)
      throws BadExpression {
    if (!PLAIN.contains(function)
        && !OF_TEXTS.contains(function)
        && FAMILIES.stream().noneMatch(function::startsWith)) {
      throw bad(
          "function " + function,
          "one whose result is no larger than what it is given, for example contains, startsWith, matches, size, lowerAscii");
    }
    if (tree.getReference(id).stream()
        .anyMatch(reference -> reference.overloadIds().stream().anyMatch(GROWING::contains))) {
      throw bad(
          "+ of texts, or of values whose type is not known",
          "+ of numbers, double(...) around what may be something else");
    }
  }

  private static String pattern(CelCall call) throws BadExpression {
    CelExpr pattern = call.args().get(call.args().size() - 1);
    Optional<CelConstant> literal = pattern.exprKind().getKind() == Kind.CONSTANT
        ? Optional.of(pattern.constant())
        : Optional.empty();
    if (literal.isEmpty() || literal.get().getKind() != CelConstant.Kind.STRING_VALUE) {
      throw bad(
          "matches with a " + pattern.exprKind().getKind().name().toLowerCase(Locale.ROOT),
          "matches with a text written out");
    }
    return literal.get().stringValue();
  }

  /** What is within a comprehension is done for each member of its range; the range itself once. */
  private static long weight(CelNavigableExpr node) {
    long weight = 1;
    CelNavigableExpr below = node;
    for (Optional<CelNavigableExpr> above = node.parent();
        above.isPresent() && weight < MAX_WEIGHT;
        above = below.parent()) {
      if (above.get().getKind() == Kind.COMPREHENSION
          && above.get().expr().comprehension().iterRange().id() != below.id()) {
        weight *= STEPS;
      }
      below = above.get();
    }
    return weight;
  }

  private static BadExpression bad(String found, String expected) {
    return new BadExpression(found + " (expected: " + expected + ")", 1, 1);
  }
}
