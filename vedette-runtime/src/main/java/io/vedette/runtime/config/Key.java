package io.vedette.runtime.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * A configuration key: path, type, default, bounds and what it is for. Declared once as a constant and listed by its module's {@link ConfigSection}.
 *
 * @param <T> the type of its value
 */
public final class Key<T> {
  /** Whether values are written as scalars (also from the environment), lists or trees. */
  enum Shape {
    SCALAR,
    LIST,
    TREE
  }

  private final String path;
  private final String doc;
  private final String type;
  private final String defaultText;
  private final T defaultValue;
  private final Shape shape;
  private final boolean secret;
  private final Function<ConfigNode, T> reader;

  private Key(
      String path,
      String doc,
      String type,
      String defaultText,
      T defaultValue,
      Shape shape,
      boolean secret,
      Function<ConfigNode, T> reader) {
    this.path = path;
    this.doc = doc;
    this.type = type;
    this.defaultText = defaultText;
    this.defaultValue = defaultValue;
    this.shape = shape;
    this.secret = secret;
    this.reader = reader;
  }

  public static Key<String> string(String path, String fallback, String doc) {
    return new Key<>(
        path, doc, "text", fallback, fallback, Shape.SCALAR, false, ConfigNode::string);
  }

  public static Key<Optional<String>> optionalString(String path, String doc) {
    return new Key<>(
        path, doc, "text", "", Optional.empty(), Shape.SCALAR, false, node -> Optional.of(
                node.string())
            .filter(text -> !text.isEmpty()));
  }

  public static Key<Integer> integer(String path, int fallback, int least, int most, String doc) {
    String allowed = "a whole number from " + least + " to " + most;
    return new Key<>(
        path, doc, allowed, Integer.toString(fallback), fallback, Shape.SCALAR, false, node -> {
          long value = node.integer();
          if (value < least || value > most) {
            throw node.error(allowed);
          }
          return Math.toIntExact(value);
        });
  }

  /** 0 takes a free one. */
  public static Key<Integer> port(String path, int fallback, String doc) {
    return integer(path, fallback, 0, 65_535, doc);
  }

  public static Key<Long> longs(String path, long fallback, long least, long most, String doc) {
    String allowed = "a whole number from " + least + " to " + most;
    return new Key<>(
        path, doc, allowed, Long.toString(fallback), fallback, Shape.SCALAR, false, node -> {
          long value = node.integer();
          if (value < least || value > most) {
            throw node.error(allowed);
          }
          return value;
        });
  }

  public static Key<Double> number(
      String path, double fallback, double least, double most, String doc) {
    String allowed = "a number from " + least + " to " + most;
    return new Key<>(
        path, doc, allowed, Double.toString(fallback), fallback, Shape.SCALAR, false, node -> {
          double value = node.number();
          if (value < least || value > most) {
            throw node.error(allowed);
          }
          return value;
        });
  }

  public static Key<Boolean> bool(String path, boolean fallback, String doc) {
    return new Key<>(
        path,
        doc,
        "true or false",
        Boolean.toString(fallback),
        fallback,
        Shape.SCALAR,
        false,
        ConfigNode::bool);
  }

  public static Key<Duration> duration(
      String path, Duration fallback, Duration least, Duration most, String doc) {
    String allowed = "a duration from " + Units.text(least) + " to " + Units.text(most);
    return new Key<>(
        path, doc, allowed, Units.text(fallback), fallback, Shape.SCALAR, false, node -> {
          Duration value = node.duration();
          if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw node.error(allowed);
          }
          return value;
        });
  }

  /** In bytes. */
  public static Key<Long> size(String path, long fallback, long least, long most, String doc) {
    String allowed = "a size from " + Units.text(least) + " to " + Units.text(most);
    return new Key<>(
        path, doc, allowed, Units.text(fallback), fallback, Shape.SCALAR, false, node -> {
          long value = node.size();
          if (value < least || value > most) {
            throw node.error(allowed);
          }
          return value;
        });
  }

  /** Written in lower case with hyphens. */
  public static <E extends Enum<E>> Key<E> oneOf(String path, E fallback, String doc) {
    Class<E> type = fallback.getDeclaringClass();
    StringBuilder allowed = new StringBuilder();
    for (E constant : type.getEnumConstants()) {
      allowed.append(allowed.isEmpty() ? "" : ", ").append(word(constant));
    }
    return new Key<>(
        path,
        doc,
        allowed.toString(),
        word(fallback),
        fallback,
        Shape.SCALAR,
        false,
        node -> node.oneOf(type));
  }

  /** From the environment or the command line: separated by commas. */
  public static Key<List<String>> strings(String path, List<String> fallback, String doc) {
    return new Key<>(
        path,
        doc,
        "list of texts",
        "[" + String.join(", ", fallback) + "]",
        List.copyOf(fallback),
        Shape.LIST,
        false,
        ConfigNode::strings);
  }

  /** Structured YAML; whoever reads it checks what is in it. A missing node by default. */
  public static Key<ConfigNode> tree(String path, String doc) {
    return new Key<>(
        path,
        doc,
        "YAML",
        "",
        ConfigNode.missing("default", 0, path),
        Shape.TREE,
        false,
        node -> node);
  }

  /** The same key, whose value is never shown. */
  public Key<T> secret() {
    return new Key<>(path, doc, type, defaultText, defaultValue, shape, true, reader);
  }

  /** The same key with a further condition on its value; {@code allowed} completes "expected: ". */
  public Key<T> where(java.util.function.Predicate<T> condition, String allowed) {
    return new Key<>(path, doc, allowed, defaultText, defaultValue, shape, secret, node -> {
      T value = reader.apply(node);
      if (!condition.test(value)) {
        throw secret ? node.error("a value that is not shown", allowed) : node.error(allowed);
      }
      return value;
    });
  }

  public String path() {
    return path;
  }

  public String doc() {
    return doc;
  }

  /** What is allowed, in words. */
  public String type() {
    return type;
  }

  public String defaultText() {
    return defaultText;
  }

  public T defaultValue() {
    return defaultValue;
  }

  public boolean isSecret() {
    return secret;
  }

  /** {@code collector.batch.max-age} is {@code VEDETTE_COLLECTOR_BATCH_MAX_AGE}. */
  public String environmentName() {
    return "VEDETTE_" + path.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  Shape shape() {
    return shape;
  }

  T read(ConfigNode node) {
    return reader.apply(node);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public String toString() {
    return path;
  }
}
