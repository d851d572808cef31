package io.vedette.collector.integrate;

import io.vedette.runtime.config.ConfigNode;
import io.vedette.trail.Checkpoint;
import io.vedette.trail.Note;
import io.vedette.trail.RefusedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/** Sends a checkpoint to where it is out of reach of whoever rules here: a file (on another host's disk), a webhook, a mailbox. Blocks, for a bounded time; called by a worker. */
final class CheckpointCopies {
  private static final Duration LIMIT = Duration.ofSeconds(15);

  private final List<Target> targets;

  /** One place. */
  interface Target {
    String name();

    void send(Checkpoint checkpoint, byte[] note) throws IOException, InterruptedException;
  }

  private CheckpointCopies(List<Target> targets) {
    this.targets = List.copyOf(targets);
  }

  /** Reads {@code trail.checkpoint-copy}; a wrong entry is a configuration error with its line. */
  static CheckpointCopies of(ConfigNode list) {
    List<Target> targets = new ArrayList<>();
    if (list.isPresent()) {
      for (ConfigNode one : list.list()) {
        targets.add(target(one));
      }
    }
    return new CheckpointCopies(targets);
  }

  List<Target> targets() {
    return targets;
  }

  /** Sends it to one place; answers what failed, empty when nothing did. What goes wrong at one is no other's affair. */
  static String send(Target target, Note note) {
    try {
      target.send(Checkpoint.parse(note.text()), note.toBytes());
      return "";
    } catch (IOException | RuntimeException e) {
      return target.name() + ": " + e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return target.name() + ": interrupted";
    }
  }

  private static Target target(ConfigNode node) {
    if (node.at("file").isPresent()) {
      node.unknownKeys(Set.of("file"));
      try {
        return new FileTarget(Path.of(node.string("file")));
      } catch (InvalidPathException e) {
        throw node.at("file").error("a path");
      }
    }
    if (node.at("webhook").isPresent()) {
      node.unknownKeys(Set.of("webhook"));
      return new Webhook(address(node));
    }
    if (node.at("email").isPresent()) {
      node.unknownKeys(Set.of("email", "from", "smtp"));
      String[] smtp = node.string("smtp").split(":", 2);
      if (smtp.length != 2
          || !smtp[1].chars().allMatch(c -> c >= '0' && c <= '9')
          || smtp[1].length() > 5) {
        throw node.at("smtp").error("host:port");
      }
      return new Mail(
          node.string("email"), node.string("from"), smtp[0], Integer.parseInt(smtp[1]));
    }
    throw node.error(
        "{file: path}, {webhook: url} or {email: address, from: address, smtp: host:port}");
  }

  private static URI address(ConfigNode node) {
    try {
      URI uri = new URI(node.string("webhook"));
      String scheme = uri.getScheme();
      if (uri.getHost() != null && ("http".equals(scheme) || "https".equals(scheme))) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // said below
    }
    throw node.at("webhook").error("http://host/path or https://host/path");
  }

  /**
   * A folder gets a file per checkpoint, {@code checkpoint-<of the origin>-<size>-<of the root>}: none replaces another, whatever its trail or its history. A file is replaced, by what may follow what
   * it holds.
   */
  private record FileTarget(Path path) implements Target {
    @Override
    public String name() {
      return "file " + path;
    }

    @Override
    public void send(Checkpoint checkpoint, byte[] note) throws IOException {
      Path file = path;
      if (Files.isDirectory(path)) {
        file = path.resolve("checkpoint-" + first16(sha256(checkpoint.origin())) + "-"
            + checkpoint.size() + "-" + first16(checkpoint.root().toBytes()));
      } else if (Files.exists(path)) {
        requireSuccessor(checkpoint);
      }
      Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
      Files.write(fresh, note);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static byte[] sha256(String text) {
      try {
        return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
      }
    }

    private static String first16(byte[] hash) {
      return HexFormat.of().formatHex(hash, 0, 8);
    }

    /** What lies there may be the only thing that shows a rollback. */
    private void requireSuccessor(Checkpoint checkpoint) throws IOException {
      Checkpoint there;
      try {
        there = Checkpoint.parse(Note.parse(Files.readAllBytes(path)).text());
      } catch (RefusedException e) {
        throw new IOException(
            path + " holds something else than a checkpoint: " + e.getMessage(), e);
      }
      if (!there.origin().equals(checkpoint.origin()) || there.size() > checkpoint.size()) {
        throw new IOException(path + " holds size " + there.size() + " of " + there.origin()
            + ", which size " + checkpoint.size() + " of " + checkpoint.origin()
            + " does not replace (put it aside if both are right)");
      }
    }
  }

  private record Webhook(URI uri) implements Target {
    @Override
    public String name() {
      return "webhook " + uri.getHost();
    }

    @Override
    public void send(Checkpoint checkpoint, byte[] note) throws IOException, InterruptedException {
      HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
      HttpRequest request = HttpRequest.newBuilder(uri)
          .timeout(LIMIT)
          .header("Content-Type", "text/plain; charset=utf-8")
          .POST(HttpRequest.BodyPublishers.ofByteArray(note))
          .build();
      int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      if (status / 100 != 2) {
        throw new IOException("answered " + status + " (expected: 2xx)");
      }
    }
  }

  /** Plain SMTP, for a relay nearby. */
  private record Mail(String to, String from, String host, int port) implements Target {
    @Override
    public String name() {
      return "email " + to;
    }

    @Override
    public void send(Checkpoint checkpoint, byte[] note) throws IOException {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(host, port), (int) LIMIT.toMillis());
        socket.setSoTimeout((int) LIMIT.toMillis());
        BufferedReader in = new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        OutputStream out = socket.getOutputStream();
        expect(in, 2);
        say(in, out, "HELO vedette", 2);
        say(in, out, "MAIL FROM:<" + from + ">", 2);
        say(in, out, "RCPT TO:<" + to + ">", 2);
        say(in, out, "DATA", 3);
        String text = new String(note, StandardCharsets.UTF_8)
            .replace("\n", "\r\n")
            .replace("\r\n.", "\r\n..");
        String mail =
            "From: " + from + "\r\nTo: " + to + "\r\nSubject: checkpoint " + checkpoint.size()
                + " of " + checkpoint.origin()
                + "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Transfer-Encoding: 8bit\r\n\r\n" + text + ".";
        say(in, out, mail, 2);
        say(in, out, "QUIT", 2);
      }
    }

    private static void say(BufferedReader in, OutputStream out, String line, int hundreds)
        throws IOException {
      out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
      expect(in, hundreds);
    }

    private static void expect(BufferedReader in, int hundreds) throws IOException {
      String line = in.readLine();
      while (line != null && line.length() > 3 && line.charAt(3) == '-') {
        line = in.readLine();
      }
      if (line == null || line.isEmpty() || line.charAt(0) - '0' != hundreds) {
        throw new IOException("the mail server said " + line + " (expected: " + hundreds + "xx)");
      }
    }
  }
}
