package io.vedette.testkit;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A network between a client and a server on this machine that does what networks do at the worst moment: lose the answer, go away, come back. */
public final class TcpProxy implements AutoCloseable {
  private final String host;
  private final int targetPort;
  private final NetClient client;
  private final Set<NetSocket> open = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Promise<Void>> loseNext = new AtomicReference<>();
  private final NetServer server;
  private volatile boolean away;

  private TcpProxy(Vertx vertx, String host, int targetPort) {
    this.host = host;
    this.targetPort = targetPort;
    this.client = vertx.createNetClient();
    this.server = vertx.createNetServer().connectHandler(this::connected);
  }

  public static TcpProxy to(Vertx vertx, String host, int port) {
    TcpProxy proxy = new TcpProxy(vertx, host, port);
    Await.value(proxy.server.listen(0, "127.0.0.1"));
    return proxy;
  }

  public int port() {
    return server.actualPort();
  }

  /** Closes the connection on which the server answers next, after the server has done what it was asked to. Completes when that happened. */
  public Future<Void> loseNextAnswer() {
    Promise<Void> lost = Promise.promise();
    loseNext.set(lost);
    return lost.future();
  }

  /** Closes all connections and every new one at once, until {@link #comeBack}. */
  public void goAway() {
    away = true;
    List<Future<Void>> closed = new ArrayList<>();
    open.forEach(socket -> closed.add(socket.close()));
    Await.value(Future.join(closed));
  }

  public void comeBack() {
    away = false;
  }

  @Override
  public void close() {
    goAway();
    Await.value(server.close());
    Await.value(client.close());
  }

  private void connected(NetSocket down) {
    if (away) {
      down.close();
      return;
    }
    down.pause();
    open.add(down);
    client.connect(targetPort, host).onFailure(refused -> down.close()).onSuccess(up -> {
      open.add(up);
      up.handler(answer -> answered(down, up, answer));
      down.handler(up::write);
      up.closeHandler(gone -> closed(up, down));
      down.closeHandler(gone -> closed(down, up));
      down.resume();
    });
  }

  private void answered(NetSocket down, NetSocket up, Buffer answer) {
    Promise<Void> lost = loseNext.getAndSet(null);
    if (lost == null) {
      down.write(answer);
      return;
    }
    down.close();
    up.close();
    lost.complete();
  }

  private void closed(NetSocket one, NetSocket other) {
    open.remove(one);
    other.close();
  }
}
