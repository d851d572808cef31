package io.vedette.collector.process;

import io.vedette.model.Outcome;
import io.vedette.model.RecordDraft;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fills actor, origin, action and outcome of what sshd and PAM log, and sets kind {@code auth}. Records that already name an action, and all others, pass unchanged.
 *
 * <p>{@code action: login} is the verdict on one attempt, so that counting it counts attempts: {@code Failed <method> for}, {@code Accepted <method> for}, and the failure that sshd's own old PAM
 * code logs ({@code sshd(pam_unix)}), where there is no other line. What modern sshd logs beside its verdict has other actions: {@code login.user} (Invalid user) and {@code login.pam}. A line
 * {@code message repeated N times: [ ... ]} is one record with the attribute {@code count: N}.
 */
public final class AuthStep implements Step {

  public static final String KIND = "auth";
  public static final String LOGIN = "login";
  /** {@code Failed none for}: the client asked which methods there are. */
  public static final String LOGIN_PROBE = "login.probe";

  public static final String LOGIN_USER = "login.user";
  public static final String LOGIN_PAM = "login.pam";

  private static final Pattern REPEATED =
      Pattern.compile("message repeated (\\d{1,9}) times: \\[ ?(.*)]", Pattern.DOTALL);
  private static final Pattern VERDICT = Pattern.compile(
      "(Failed|Accepted) (\\S{1,64}) for (invalid user )?(.*?) from (\\S{1,255})(?: port (\\d{1,5}))?(?: (ssh2?|SSH2?))?(?::.*)?",
      Pattern.DOTALL);
  private static final Pattern INVALID_USER = Pattern.compile(
      "(?:Invalid|Illegal) user (.*?) from (\\S{1,255})(?: port (\\d{1,5}))?\\s*", Pattern.DOTALL);
  private static final Pattern PAM = Pattern.compile(
      "(?:pam_\\w+\\([^)]{1,64}\\): |PAM (\\d{1,6}) more )?authentication failures?; logname=.*?\\brhost=(\\S*)(?:\\s+user=(\\S+))?.*",
      Pattern.DOTALL);

  @Override
  public Result apply(RecordDraft record) {
    String message = record.message();
    if (message == null
        || record.action() != null
        || !mayMatch(message)
        || !fromAuthentication(record)) {
      return new Kept(record);
    }
    String text = message;
    long count = 1;
    Matcher repeated = REPEATED.matcher(message);
    if (repeated.matches()) {
      count = Long.parseLong(repeated.group(1));
      text = repeated.group(2);
    }
    RecordDraft.Builder filled = fill(record, text);
    if (filled == null) {
      return new Kept(record);
    }
    if (count > 1) {
      filled.attribute("count", count);
    }
    return new Kept(filled.kind(KIND).build());
  }

  /** Cheap: most lines end here. */
  private static boolean mayMatch(String message) {
    if (message.isEmpty()) {
      return false;
    }
    return switch (message.charAt(0)) {
      case 'F' -> message.startsWith("Failed ");
      case 'A' -> message.startsWith("Accepted ");
      case 'I' -> message.startsWith("Invalid user ") || message.startsWith("Illegal user ");
      case 'm' -> message.startsWith("message repeated ");
      case 'P' -> message.startsWith("PAM ");
      case 'p' -> message.startsWith("pam_");
      case 'a' -> message.startsWith("authentication failure");
      default -> false;
    };
  }

  private static boolean fromAuthentication(RecordDraft record) {
    String app = app(record);
    return app != null
        && (app.startsWith("sshd")
            || app.contains("pam_unix")
            || app.equals("su")
            || app.equals("sudo")
            || app.equals("login"));
  }

  private static @Nullable String app(RecordDraft record) {
    return record.attributes().get("app") instanceof String app ? app : null;
  }

  private static RecordDraft.@Nullable Builder fill(RecordDraft record, String text) {
    Matcher verdict = VERDICT.matcher(text);
    if (verdict.matches()) {
      RecordDraft.Builder filled = record.toBuilder()
          .action(verdict.group(2).equals("none") ? LOGIN_PROBE : LOGIN)
          .outcome(verdict.group(1).equals("Accepted") ? Outcome.SUCCESS : Outcome.FAILURE);
      filled.actor(verdict.group(4)).origin(verdict.group(5)).attribute("method", verdict.group(2));
      if (verdict.group(3) != null) {
        filled.attribute("invalid_user", true);
      }
      return port(filled, verdict.group(6));
    }
    Matcher invalid = INVALID_USER.matcher(text);
    if (invalid.matches()) {
      RecordDraft.Builder filled = record.toBuilder()
          .action(LOGIN_USER)
          .outcome(Outcome.FAILURE)
          .actor(invalid.group(1))
          .origin(invalid.group(2));
      return port(filled.attribute("invalid_user", true), invalid.group(3));
    }
    Matcher pam = PAM.matcher(text);
    if (pam.matches()) {
      String app = app(record);
      boolean only = app != null && app.contains("(pam_unix)");
      RecordDraft.Builder filled = record.toBuilder()
          .action(only ? LOGIN : LOGIN_PAM)
          .outcome(Outcome.FAILURE)
          .attribute("method", "pam");
      if (!pam.group(2).isEmpty()) {
        filled.origin(pam.group(2));
      }
      if (pam.group(3) != null) {
        filled.actor(pam.group(3));
      }
      if (pam.group(1) != null) {
        filled.attribute("count", Long.parseLong(pam.group(1)));
      }
      return filled;
    }
    return null;
  }

  private static RecordDraft.Builder port(RecordDraft.Builder filled, @Nullable String port) {
    return port == null ? filled : filled.attribute("port", Long.parseLong(port));
  }
}
