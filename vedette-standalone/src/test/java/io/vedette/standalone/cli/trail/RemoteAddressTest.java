package io.vedette.standalone.cli.trail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RemoteAddressTest {
  private static String records(String url) {
    return RemoteAddress.of(url).records(5, 3).toString();
  }

  /** Records of trail 1 were compared with entries of trail 2, and the path of a proxy was dropped. */
  @Test
  void recordsAreThoseOfTheTrailBehindTheSameProxy() {
    assertThat(records("http://a:8080"))
        .isEqualTo("http://a:8080/api/v1/records/canonical?trail=1&from=5&to=8");
    assertThat(records("http://a:8080/trails/2/"))
        .isEqualTo("http://a:8080/api/v1/records/canonical?trail=2&from=5&to=8");
    assertThat(records("https://a/audit/"))
        .isEqualTo("https://a/audit/api/v1/records/canonical?trail=1&from=5&to=8");
    assertThat(records("https://a/audit/trails/12"))
        .isEqualTo("https://a/audit/api/v1/records/canonical?trail=12&from=5&to=8");
    assertThat(RemoteAddress.of("https://a/audit/trails/12/").log())
        .hasToString("https://a/audit/trails/12");
  }

  @Test
  void whatIsNoAddressIsSaid() {
    for (String url : List.of("", "a:8080", "file:///log", "http://", "http://a b", "/log")) {
      assertThatThrownBy(() -> RemoteAddress.of(url))
          .as(url)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
