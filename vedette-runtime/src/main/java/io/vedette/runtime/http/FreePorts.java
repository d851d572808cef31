package io.vedette.runtime.http;

import io.vedette.runtime.RuntimeConfig;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.Key;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;

/**
 * A look, before anything else is started, whether ports are free: a start that cannot succeed should say so at once. Somebody may still take one between this look and the door's own bind, which
 * then says the same.
 */
public final class FreePorts {
  private FreePorts() {}

  /** Blocks. @throws PortTakenException for the first that is taken, naming who holds it */
  public static void require(Config config, List<Key<Integer>> ports) {
    String host = config.get(RuntimeConfig.HTTP_BIND);
    for (Key<Integer> port : ports) {
      require(host, config.get(port), port.path());
    }
  }

  private static void require(String host, int port, String key) {
    if (port == 0) {
      return;
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (IOException taken) {
      throw new PortTakenException(
          port,
          PortTakenException.refusal(taken, host, port, key, new PortHolder().of(port)),
          taken);
    }
  }
}
