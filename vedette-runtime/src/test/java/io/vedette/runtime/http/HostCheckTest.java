package io.vedette.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostCheckTest {
  private final HostCheck check =
      new HostCheck(List.of("Vedette.example.org", "*.apps.example.org", "10.0.0.7:8443"));

  @ParameterizedTest
  @CsvSource({
    "localhost,            true,  true",
    "LOCALHOST,            true,  true",
    "localhost.,           true,  true",
    "dash.localhost,       true,  true",
    "127.0.0.1,            true,  true",
    "127.9.9.9,            true,  true",
    "[::1],                true,  true",
    "::1,                  true,  true",
    "vedette.example.org,  true,  true",
    "VEDETTE.example.org., true,  true",
    "a.apps.example.org,   true,  true",
    "apps.example.org,     true,  false",
    ".apps.example.org,    true,  false",
    "evil.example.org,     true,  false",
    "xlocalhost,           true,  false",
    "localhost.evil.org,   true,  false",
    "127.0.0.1.evil.org,   true,  false",
    "10.0.0.7,             true,  true",
    "10.0.0.8,             true,  false",
    "0.0.0.0,              true,  false",
    "localhost,            false, false",
    "127.0.0.1,            false, false",
    "vedette.example.org,  false, true",
  })
  void admits(String host, boolean loopback, boolean expected) {
    assertThat(check.admits(host, loopback)).isEqualTo(expected);
  }
}
