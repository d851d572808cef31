package io.vedette.runtime.http;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vedette.runtime.RuntimeConfig;
import io.vedette.runtime.config.Config;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FreePortsTest {
  @Test
  void aTakenPortIsNamedWithItsKeyAndWhoHasItAndAFreeOneIsNot() throws Exception {
    int port;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();
      assertThatThrownBy(() -> require(port(taken)))
          .isInstanceOf(PortTakenException.class)
          .hasMessageContaining("cluster.port: port " + port + " is in use by this very process");
    }
    assertThatCode(() -> require(Integer.toString(port))).doesNotThrowAnyException();
    assertThatCode(() -> require("0")).doesNotThrowAnyException();
  }

  private static String port(ServerSocket socket) {
    return Integer.toString(socket.getLocalPort());
  }

  /** The key is that of any port: this module declares no door's. */
  private static void require(String port) {
    FreePorts.require(Config.of(Map.of("cluster.port", port)), List.of(RuntimeConfig.CLUSTER_PORT));
  }
}
