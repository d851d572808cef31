package io.vedette.edge.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The close codes stand in three places: where they are sent, where they are explained and where they are obeyed. */
class CloseCodeTest {
  private static final Path CLIENT = Path.of("src/main/resources/web/client/vedette.js");

  private static Map<Integer, Boolean> table() {
    Map<Integer, Boolean> table = new TreeMap<>();
    for (CloseCode code : CloseCode.values()) {
      assertThat(table.put(code.code(), code.reconnect())).as("once: " + code).isNull();
    }
    return table;
  }

  private static Set<Integer> codes(boolean reconnect) {
    Set<Integer> codes = new TreeSet<>();
    table().forEach((code, comesBack) -> {
      if (comesBack == reconnect) {
        codes.add(code);
      }
    });
    return codes;
  }

  private static Set<Integer> numbers(String text) {
    Set<Integer> numbers = new TreeSet<>();
    Matcher matcher = Pattern.compile("\\b\\d{4}\\b").matcher(text);
    while (matcher.find()) {
      numbers.add(Integer.valueOf(matcher.group()));
    }
    return numbers;
  }

  private static String between(String text, String begin, String end) {
    assertThat(text).contains(begin);
    int from = text.indexOf(begin);
    return text.substring(from, text.indexOf(end, from));
  }

  @Test
  void theReadmeExplainsEachOfThem() throws IOException {
    Map<Integer, Boolean> explained = new TreeMap<>();
    Matcher row = Pattern.compile("(?m)^\\| (\\d{4}) \\| (yes|no) \\|")
        .matcher(Files.readString(Path.of("README.md")));
    while (row.find()) {
      explained.put(Integer.valueOf(row.group(1)), row.group(2).equals("yes"));
    }
    assertThat(explained).isEqualTo(table());
  }

  @Test
  void theClientStaysAwayAfterThoseThatSaySoAndAfterNoOther() throws IOException {
    String client = Files.readString(CLIENT);
    assertThat(numbers(between(client, "const TERMINAL", ";"))).isEqualTo(codes(false));
    assertThat(numbers(between(client, " * CLOSE CODES", "All others"))).isEqualTo(codes(false));
  }

  @Test
  void theClientIsPatientOnlyWithThoseThatLetItComeBack() throws IOException {
    String client = Files.readString(CLIENT);
    Set<Integer> patient = numbers(between(client, "const PATIENT", ";"));
    assertThat(codes(true)).containsAll(patient);
    assertThat(numbers(between(client, "another attempt;", "longer delay"))).isEqualTo(patient);
    assertThat(Arrays.stream(CloseCode.values()).filter(CloseCode::reconnect))
        .as("and it comes back at once, or when it is told, after the others")
        .hasSize(patient.size() + 1);
  }
}
