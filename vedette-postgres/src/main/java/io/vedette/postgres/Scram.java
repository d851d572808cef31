package io.vedette.postgres;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The client's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677) without channel binding. The password must be ASCII,
 * as the launcher's are, because it is not put through SASLprep.
 */
final class Scram {
  private static final String HEADER = "n,,";

  private final String password;
  private final String nonce;
  private String signature = "";

  Scram(String password, String nonce) {
    this.password = password;
    this.nonce = nonce;
  }

  String clientFirst() {
    return HEADER + clientFirstBare();
  }

  private String clientFirstBare() {
    return "n=,r=" + nonce; // PostgreSQL takes the user from the start-up message
  }

  String clientFinal(String serverFirst) throws GeneralSecurityException {
    Map<Character, String> server = attributes(serverFirst);
    String serverNonce = server.getOrDefault('r', "");
    int iterations = Integer.parseInt(server.getOrDefault('i', "0"));
    byte[] salt = Base64.getDecoder().decode(server.getOrDefault('s', ""));
    if (!serverNonce.startsWith(nonce) || iterations < 1 || salt.length == 0) {
      throw new GeneralSecurityException(
          "server-first message lacks our nonce, a salt or an iteration count");
    }
    byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
        .generateSecret(new PBEKeySpec(password.toCharArray(), salt, iterations, 256))
        .getEncoded();
    String header = Base64.getEncoder().encodeToString(HEADER.getBytes(StandardCharsets.US_ASCII));
    String withoutProof = "c=" + header + ",r=" + serverNonce;
    String exchange = clientFirstBare() + "," + serverFirst + "," + withoutProof;
    byte[] clientKey = hmac(salted, "Client Key");
    byte[] proof = hmac(MessageDigest.getInstance("SHA-256").digest(clientKey), exchange);
    for (int i = 0; i < proof.length; i++) {
      proof[i] ^= clientKey[i];
    }
    signature = Base64.getEncoder().encodeToString(hmac(hmac(salted, "Server Key"), exchange));
    return withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof);
  }

  /** Only a server that knows the password's verifier can say this; any other that listens on the port is not ours. */
  void verify(String serverFinal) throws GeneralSecurityException {
    if (signature.isEmpty() || !signature.equals(attributes(serverFinal).get('v'))) {
      throw new GeneralSecurityException(
          "the server does not know the password: it is not the one that was started");
    }
  }

  private static Map<Character, String> attributes(String message) {
    Map<Character, String> attributes = new HashMap<>();
    for (String part : message.split(",")) {
      if (part.length() > 2 && part.charAt(1) == '=') {
        attributes.put(part.charAt(0), part.substring(2));
      }
    }
    return attributes;
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
  }
}
