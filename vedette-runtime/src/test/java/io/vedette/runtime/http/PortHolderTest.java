package io.vedette.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortHolderTest {
  private static final String TABLE = """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
         0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0
         1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0000000000000000 100 0 0 10 0
      """;

  @TempDir
  Path proc;

  private PortHolder holder() throws IOException {
    Files.createDirectories(proc.resolve("net"));
    Files.writeString(proc.resolve("net/tcp"), TABLE);
    return new PortHolder(proc);
  }

  @Test
  void namesTheProcess() throws IOException {
    Files.createDirectories(proc.resolve("999999999/fd"));
    Files.writeString(proc.resolve("999999999/comm"), "python3\n");
    Files.createSymbolicLink(proc.resolve("999999999/fd/3"), Path.of("socket:[4711]"));

    assertThat(holder().of(8080)).contains("python3 (pid 999999999)");
  }

  @Test
  void withoutPermissionNamesTheUser() throws IOException {
    Files.createDirectories(proc.resolve("4242"));

    assertThat(holder().of(8080))
        .contains("a process of user id 1000 whose name cannot be read from here");
  }

  @Test
  void connectionIsNoListener() throws IOException {
    assertThat(holder().of(8081)).isEmpty();
  }

  @Test
  void whereThereIsNoProcNothingIsSaid() {
    assertThat(new PortHolder(proc.resolve("absent")).of(8080)).isEmpty();
  }

  @Test
  void findsThisVeryProcess() throws IOException {
    assumeTrue(Files.exists(Path.of("/proc/net/tcp")), "no /proc here");
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(new PortHolder().of(socket.getLocalPort())).contains("this very process");
    }
  }
}
