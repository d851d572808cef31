package io.vedette.runtime;

/**
 * The addresses of the event bus: facts as {@code <noun>.<past participle>} (published), requests as {@code <service>.<noun>.<imperative>} (request and reply). The bus is best effort: whoever consumes
 * must be right without it, and slower.
 */
public final class Addresses {
  /**
   * A batch was committed. Payload {@link io.vedette.model.Batch}, announced by number when larger than {@link io.vedette.model.Batch#MAX_BUS_BYTES}. Published by whoever appended it; consumed by
   * analyzers and edges. If one is lost: the next number shows a hole, or {@link #TOPIC_HEADS} a newer head, and the consumer reads the store.
   */
  public static final String RECORD_APPENDED = "record.appended";

  /**
   * A finding was stored. Payload {@link io.vedette.model.Publication} of topic {@code findings}. Published by the owner of the partition; consumed by the alert service, which it only wakes, and by edges.
   * If one is lost: the alert service reads its cursor every second anyway, edges see the offset missing.
   */
  public static final String FINDING_RAISED = "finding.raised";

  /**
   * An alert began, changed or ended. Payload {@link io.vedette.model.Publication} of topic {@code alerts}. Published by the alert service; consumed by edges. If one is lost: the edge sees the offset
   * missing and reads the store.
   */
  public static final String ALERT_CHANGED = "alert.changed";

  /**
   * A notification was sent or given up. Payload {@link io.vedette.model.Publication} of topic {@code notifications}. Published by the alert service; consumed by edges. If one is lost: as
   * {@link #ALERT_CHANGED}.
   */
  public static final String NOTIFICATION_SENT = "notification.sent";

  /**
   * The newest offsets of the ordered topics. Payload {@link io.vedette.model.TopicHeads}. Published every second by the holder of the integrator's lease; consumed by analyzers and edges. If one is
   * lost: the next one says the same or more.
   */
  public static final String TOPIC_HEADS = "topic.heads";

  /**
   * A process lives, and how busy it is. Payload {@link io.vedette.model.NodeStatus}. Published by every process at each beat; consumed by edges (topic {@code cluster}). If one is lost: the next one
   * replaces it.
   */
  public static final String NODE_STATUS = "node.status";

  /** Request: a person takes an alert. Body {@code {"fingerprint","comment"?}}; answered by the alert service with the alert. If it is lost: the caller gets a failure and repeats it, which changes nothing more. */
  public static final String ALERT_ACKNOWLEDGE = "alert.alert.acknowledge";

  /** Request: mute what matches for a time. Body: a silence in Alertmanager's form; answered by the alert service with {@code {"silenceID"}}. If it is lost: the caller gets a failure and repeats it. */
  public static final String SILENCE_CREATE = "alert.silence.create";

  /** Request: end a silence now. Body {@code {"silenceID"}}; answered by the alert service. If it is lost: the caller gets a failure and repeats it. */
  public static final String SILENCE_EXPIRE = "alert.silence.expire";

  /** Request: make these rules the ones in force. Body {@code {"files": {name: yaml}, "comment"?}}; answered by an analyzer with the revision. If it is lost: the caller repeats it; equal rules make no revision. */
  public static final String RULES_APPLY = "analyzer.rules.apply";

  /** Header of a request: the name of the principal on whose behalf it is made. */
  public static final String PRINCIPAL = "principal";

  /** Header of a request: the role under which the principal acts, lower case. The acting service authorises again. */
  public static final String ROLE = "role";

  /** Header of a request: the number of the trail it concerns. */
  public static final String TRAIL = "trail";

  private static final String STATISTIC = "statistic.";

  private Addresses() {}

  /**
   * Values of a statistic changed. Payload {@link io.vedette.model.StatisticUpdate}. Published by the owner of the partition; consumed by edges. If one is lost: the next value replaces it.
   *
   * @param name the statistic's, as the rule names it
   */
  public static String statistic(String name) {
    return STATISTIC + name;
  }
}
