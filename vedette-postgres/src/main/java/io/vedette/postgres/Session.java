package io.vedette.postgres;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A few words of PostgreSQL's protocol (version 3), enough to log in by SCRAM and run a plain query. The binaries come
 * without psql, and a driver would be a dependency of everything that only wants to start a server.
 */
final class Session implements AutoCloseable {
  private static final int PROTOCOL = 3 << 16;
  private static final int CONNECT_MS = 5_000;
  private static final int ANSWER_MS = 60_000;
  private static final int LONGEST_MESSAGE = 1 << 20;
  private static final String MECHANISM = "SCRAM-SHA-256";

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  /** What the server sent; an error is thrown instead. */
  private record Message(char type, ByteBuffer body) {
    String string() {
      StringBuilder text = new StringBuilder();
      while (body.hasRemaining()) {
        byte b = body.get();
        if (b == 0) {
          break;
        }
        text.append((char) (b & 0xff));
      }
      return text.toString();
    }

    String rest() {
      byte[] rest = new byte[body.remaining()];
      body.get(rest);
      return new String(rest, StandardCharsets.UTF_8);
    }
  }

  private Session(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
  }

  static Session open(int port, String user, String password, String database) throws IOException {
    Socket socket = new Socket();
    boolean done = false;
    try {
      socket.connect(Ports.address(port), CONNECT_MS);
      socket.setSoTimeout(ANSWER_MS);
      socket.setTcpNoDelay(true);
      Session session = new Session(socket);
      session.logIn(user, password, database);
      done = true;
      return session;
    } finally {
      if (!done) {
        socket.close();
      }
    }
  }

  /** Runs one statement and answers the first column of its rows. */
  List<String> query(String sql) throws IOException {
    send('Q', bytes(sql + "\0"));
    List<String> rows = new ArrayList<>();
    IOException error = null;
    while (true) {
      Message message = receive();
      switch (message.type()) {
        case 'D' -> {
          message.body().getShort();
          int length = message.body().getInt();
          byte[] value = new byte[Math.max(0, length)];
          message.body().get(value);
          rows.add(new String(value, StandardCharsets.UTF_8));
        }
        case 'E' -> error = error(message);
        case 'Z' -> {
          if (error != null) {
            throw error;
          }
          return rows;
        }
        default -> {
          // descriptions, notices and parameter values say nothing we need
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    try (socket) {
      send('X', new byte[0]);
    }
  }

  private void logIn(String user, String password, String database) throws IOException {
    byte[] parameters = bytes(
        "user\0" + user + "\0database\0" + database + "\0application_name\0vedette-launcher\0\0");
    out.writeInt(8 + parameters.length);
    out.writeInt(PROTOCOL);
    out.write(parameters);
    out.flush();
    byte[] nonce = new byte[18];
    new SecureRandom().nextBytes(nonce);
    Scram scram = new Scram(password, Base64.getEncoder().encodeToString(nonce));
    boolean proven = false;
    try {
      while (true) {
        Message message = receive();
        switch (message.type()) {
          case 'R' -> {
            switch (message.body().getInt()) {
              case 10 -> {
                byte[] first = bytes(scram.clientFirst());
                ByteBuffer answer = ByteBuffer.allocate(MECHANISM.length() + 5 + first.length);
                send(
                    'p',
                    answer
                        .put(bytes(MECHANISM + "\0"))
                        .putInt(first.length)
                        .put(first)
                        .array());
              }
              case 11 -> send('p', bytes(scram.clientFinal(message.rest())));
              case 12 -> {
                scram.verify(message.rest());
                proven = true;
              }
              case 0 -> {
                if (!proven) {
                  throw new IOException(
                      "the server let us in without SCRAM (expected: scram-sha-256)");
                }
              }
              default ->
                throw new IOException(
                    "the server asks for another way to log in than SCRAM-SHA-256");
            }
          }
          case 'E' -> throw error(message);
          case 'Z' -> {
            return;
          }
          default -> {
            // parameter values, the cancel key, notices
          }
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void send(char type, byte[] body) throws IOException {
    out.writeByte(type);
    out.writeInt(4 + body.length);
    out.write(body);
    out.flush();
  }

  private Message receive() throws IOException {
    char type = (char) in.readUnsignedByte();
    int length = in.readInt() - 4;
    if (length < 0 || length > LONGEST_MESSAGE) {
      throw new IOException(
          "message of " + length + " bytes (expected: at most " + LONGEST_MESSAGE + ")");
    }
    byte[] body = new byte[length];
    in.readFully(body);
    return new Message(type, ByteBuffer.wrap(body));
  }

  private static IOException error(Message message) {
    String code = "";
    String text = "";
    while (message.body().hasRemaining()) {
      char field = (char) message.body().get();
      String value = message.string();
      if (field == 'C') {
        code = value;
      } else if (field == 'M') {
        text = value;
      }
    }
    return new IOException(text + " (SQLSTATE " + code + ")");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
