package io.vedette.edge;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of its own that opens connections, asks for a session on every other one, and says nothing more: it has file descriptors of its own. Its connections go when it is closed. */
final class IdleCrowd implements AutoCloseable {
  private final Process process;

  private IdleCrowd(Process process) {
    this.process = process;
  }

  /** Returns when all are open. */
  static IdleCrowd open(int port, int connections) throws Exception {
    String classes = new File(
            IdleCrowd.class.getProtectionDomain().getCodeSource().getLocation().toURI())
        .getPath();
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            classes,
            IdleCrowd.class.getName(),
            Integer.toString(port),
            Integer.toString(connections))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    int said = process.getInputStream().read();
    if (said != '+') {
      process.destroyForcibly();
      throw new IOException("the crowd ended before its connections were open");
    }
    return new IdleCrowd(process);
  }

  boolean isThere() {
    return process.isAlive();
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    process.onExit().orTimeout(60, TimeUnit.SECONDS).join();
  }

  /** Arguments: port, connections. Ends with its standard input. */
  public static void main(String[] arguments) throws IOException {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
    int connections = Integer.parseInt(arguments[1]);
    ByteBuffer head = StandardCharsets.US_ASCII.encode(RawSocket.upgrade("localhost", "/monitor"));
    List<SocketChannel> channels = new ArrayList<>(connections);
    for (int i = 0; i < connections; i++) {
      SocketChannel channel = SocketChannel.open(address);
      if (i % 2 == 0) {
        channel.write(head.duplicate());
      }
      channels.add(channel);
    }
    System.out.write('+');
    System.out.flush();
    InputStream in = System.in;
    while (in.read() >= 0) {
      continue;
    }
    for (SocketChannel channel : channels) {
      channel.close();
    }
  }
}
