package io.vedette.standalone.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.vedette.postgres.FolderLock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What an instance is to status and stop: a process of its own that holds the folder, tells of itself there, and answers at its edge. Ends with its input. */
final class HolderMain {
  private HolderMain() {}

  /** Arguments: the folder, and the folder that was asked for; without the second it is still starting. */
  public static void main(String[] args) throws Exception {
    FolderLock lock = ((FolderLock.Attempt.Locked) FolderLock.tryLock(Path.of(args[0]))).lock();
    HttpServer edge =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    edge.createContext("/health/ready", exchange -> {
      byte[] body = "{\"status\":\"UP\"}".getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      try (var out = exchange.getResponseBody()) {
        out.write(body);
      }
    });
    edge.start();
    if (args.length > 1) {
      ObjectNode json = new ObjectMapper().createObjectNode();
      json.put("pid", ProcessHandle.current().pid());
      json.put("started", "2026-01-02T03:04:05Z");
      json.put("asked_dir", args[1]);
      json.putObject("urls").put("edge", "http://127.0.0.1:" + edge.getAddress().getPort());
      lock.publish(json.toString());
    }
    System.out.println("holding");
    while (System.in.read() >= 0) {
      // whoever started us ends us by closing our input, or by a signal
    }
    edge.stop(0);
  }
}
