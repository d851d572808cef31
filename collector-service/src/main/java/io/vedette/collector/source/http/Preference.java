package io.vedette.collector.source.http;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What a request prefers (RFC 7240): {@code Prefer: wait=10} waits that many seconds for the checkpoint that covers its records. What cannot be read is no preference, as the RFC says. */
public final class Preference {
  public static final String HEADER = "Prefer";
  public static final String APPLIED = "Preference-Applied";
  public static final int MAX_WAIT_SECONDS = 60;

  private Preference() {}

  /** Zero where none is asked for; more than a minute is a minute. */
  public static Duration wait(List<String> headers) {
    for (String header : headers) {
      for (String preference : header.split(",", -1)) {
        String[] parts = preference.split(";", 2)[0].split("=", 2);
        if (parts.length == 2 && parts[0].strip().toLowerCase(Locale.ROOT).equals("wait")) {
          return seconds(parts[1].strip().replace("\"", ""));
        }
      }
    }
    return Duration.ZERO;
  }

  private static Duration seconds(String digits) {
    boolean number = !digits.isEmpty()
        && digits.length() < 10
        && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return number
        ? Duration.ofSeconds(Math.min(MAX_WAIT_SECONDS, Integer.parseInt(digits)))
        : Duration.ZERO;
  }
}
