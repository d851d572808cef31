package io.vedette.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.vedette.runtime.config.Config;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Log lines on standard error: text for people or one JSON object per line. Set once when a process starts; until then {@code logback.xml} holds. */
public final class Logs {
  /** How a log line is written. */
  public enum Format {
    TEXT,
    JSON
  }

  // What someone else sent may be part of a message: control characters must not begin a line or
  // colour a terminal.
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC} %-5level [%thread] %logger{24} %replace(%msg){'\\p{Cntrl}', ' '}%n%ex";

  // Libraries that say more than an operator wants to know; log.levels can turn them up. The same
  // stands in logback.xml.
  private static final Map<String, Level> QUIET = Map.of(
      "com.hazelcast", Level.WARN,
      "com.hazelcast.system.logo", Level.OFF,
      "com.hazelcast.instance.impl.Node", Level.ERROR,
      // What follows from a member that is gone; that it is gone is said by others.
      "com.hazelcast.internal.partition", Level.ERROR,
      "com.hazelcast.internal.server", Level.ERROR,
      "com.hazelcast.spi.impl.operationservice", Level.ERROR,
      "io.vertx.core.eventbus.impl.clustered", Level.ERROR,
      "io.vertx.core.net.impl.ConnectionBase", Level.OFF,
      "io.netty", Level.WARN,
      "io.micrometer.core.instrument.MeterRegistry", Level.ERROR);

  private Logs() {}

  public static void configure(Config config) {
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return; // another SLF4J binding is on the class path and has its own configuration
    }
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(
        config.get(RuntimeConfig.LOG_FORMAT) == Format.JSON ? json(context) : text(context));
    appender.start();
    root.addAppender(appender);
    context.getLoggerList().stream()
        .filter(logger -> logger != root)
        .forEach(logger -> logger.setLevel(null));
    QUIET.forEach((name, level) -> context.getLogger(name).setLevel(level));
    root.setLevel(level(config.get(RuntimeConfig.LOG_LEVEL)));
    for (Map.Entry<String, RuntimeConfig.LogLevel> logger :
        RuntimeConfig.logLevels(config).entrySet()) {
      context.getLogger(logger.getKey()).setLevel(level(logger.getValue()));
    }
  }

  private static Encoder<ILoggingEvent> text(LoggerContext context) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    return encoder;
  }

  private static Encoder<ILoggingEvent> json(LoggerContext context) {
    JsonEncoder encoder = new JsonEncoder();
    encoder.setContext(context);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithContext(false);
    encoder.setWithMessage(false);
    encoder.setWithArguments(false);
    encoder.setWithFormattedMessage(true);
    encoder.start();
    return encoder;
  }

  private static Level level(RuntimeConfig.LogLevel level) {
    return Level.toLevel(level.name());
  }
}
