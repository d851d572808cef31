package io.vedette.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * NDJSON bodies to send: the lines of a real log where one is given, else audit records with the spread of actors, actions, targets and addresses that an application has (about 300 B
 * each). The same seed makes the same bodies.
 */
final class RecordMaker {
  private static final String[] ACTIONS = {
    "order.create",
    "order.read",
    "cart.update",
    "session.open",
    "session.close",
    "document.export",
    "user.update"
  };
  private static final String[] OUTCOMES = {
    "success", "success", "success", "success", "success", "success", "failure", "denied"
  };

  private final List<String> lines;
  private final SplittableRandom random;
  private long made;

  RecordMaker(@Nullable Path log, long seed) throws IOException {
    lines = log == null
        ? List.of()
        : new ArrayList<>(Files.readAllLines(log, StandardCharsets.ISO_8859_1));
    random = new SplittableRandom(seed);
  }

  byte[] body(int records) {
    StringBuilder body = new StringBuilder(records * 320);
    for (int i = 0; i < records; i++) {
      append(body);
    }
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void append(StringBuilder body) {
    long n = made++;
    if (!lines.isEmpty()) {
      body.append("{\"message\":\"");
      escape(body, lines.get((int) (n % lines.size())));
      body.append("\"}\n");
      return;
    }
    int user = random.nextInt(5_000);
    body.append("{\"kind\":\"application\",\"severity\":\"info\",\"actor\":\"user-")
        .append(user);
    body.append("\",\"action\":\"").append(ACTIONS[random.nextInt(ACTIONS.length)]);
    body.append("\",\"target\":\"/tenants/")
        .append(user % 40)
        .append("/orders/")
        .append(random.nextInt(1_000_000));
    body.append("\",\"outcome\":\"").append(OUTCOMES[random.nextInt(OUTCOMES.length)]);
    body.append("\",\"origin\":\"198.51.100.")
        .append(random.nextInt(256))
        .append("\",\"session\":\"");
    body.append(Long.toHexString(random.nextLong()))
        .append("\",\"attributes\":{\"duration_ms\":")
        .append(random.nextInt(900));
    body.append(",\"bytes\":")
        .append(random.nextInt(60_000))
        .append(",\"region\":\"eu-")
        .append(random.nextInt(3));
    body.append("\",\"request\":\"").append(Long.toHexString(random.nextLong())).append("\"}}\n");
  }

  private static void escape(StringBuilder body, String line) {
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' || c == '\\') {
        body.append('\\').append(c);
      } else if (c >= ' ') {
        body.append(c);
      }
    }
  }
}
