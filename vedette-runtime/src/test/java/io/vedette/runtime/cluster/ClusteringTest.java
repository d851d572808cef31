package io.vedette.runtime.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.ConfigException;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

class ClusteringTest {
  private static AbstractThrowableAssert<?, ?> refuses(Map<String, String> sets) {
    return assertThatThrownBy(() -> Clustering.endpoint(Config.of(sets)))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  void freePortsTakeThePlaceOfZero() {
    Clustering.Endpoint endpoint = Clustering.endpoint(Config.of(Map.of("cluster.port", "5701")));

    assertThat(endpoint.host()).isEqualTo("127.0.0.1");
    assertThat(endpoint.clusterPort()).isEqualTo(5701);
    assertThat(endpoint.busPort()).isPositive();
    assertThat(endpoint.peer()).isEqualTo("127.0.0.1:5701");
    assertThat(Clustering.Endpoint.peer("::1", 5701)).isEqualTo("[::1]:5701");
  }

  @Test
  void beyondLoopbackNeedsTlsOrConsent() {
    refuses(Map.of("cluster.bind", "203.0.113.7"))
        .hasMessageContaining(
            "--set cluster.bind: cluster.bind: 203.0.113.7 without TLS (expected: ");
  }

  @Test
  void addressThatIsNotOneIsRefused() {
    refuses(Map.of("cluster.bind", "0.0.0.0", "cluster.insecure", "true"))
        .hasMessageContaining("one address at which the others reach this process");
    refuses(Map.of("cluster.bind", "203.0.113.7", "cluster.insecure", "true"))
        .hasMessageContaining("an address of this machine");
  }

  @Test
  void halfATlsConfigurationIsRefused() {
    refuses(Map.of("cluster.tls.cert", "cert.pem"))
        .hasMessageContaining("not all of cert, key and ca");
  }
}
