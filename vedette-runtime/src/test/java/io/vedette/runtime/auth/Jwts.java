package io.vedette.runtime.auth;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes JWTs of every kind, also broken ones, without the library that judges them. */
final class Jwts {
  static final String SECRET = "a secret of at least thirty-two bytes";

  private Jwts() {}

  static KeyPair keys(String algorithm) {
    try {
      switch (algorithm) {
        case "RS256" -> {
          KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
          rsa.initialize(2048);
          return rsa.generateKeyPair();
        }
        case "ES256" -> {
          KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
          ec.initialize(new ECGenParameterSpec("secp256r1"));
          return ec.generateKeyPair();
        }
        default -> {
          return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        }
      }
    } catch (GeneralSecurityException everyJdkHasThem) {
      throw new AssertionError(everyJdkHasThem);
    }
  }

  static String pem(PublicKey key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  static Path write(Path folder, String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (java.io.IOException unwritable) {
      throw new AssertionError(unwritable);
    }
  }

  static String signed(KeyPair keys, String algorithm, String claims) {
    String unsigned = unsigned("{\"typ\":\"JWT\",\"alg\":\"" + algorithm + "\"}", claims);
    try {
      Signature signature = Signature.getInstance(
          switch (algorithm) {
            case "RS256" -> "SHA256withRSA";
            case "ES256" -> "SHA256withECDSAinP1363Format";
            default -> "Ed25519";
          });
      signature.initSign(keys.getPrivate());
      signature.update(unsigned.getBytes(StandardCharsets.UTF_8));
      return unsigned + "." + encode(signature.sign());
    } catch (GeneralSecurityException everyJdkHasThem) {
      throw new AssertionError(everyJdkHasThem);
    }
  }

  static String hs256(String secret, String claims) {
    return hs256(secret, "{\"typ\":\"JWT\",\"alg\":\"HS256\"}", claims);
  }

  static String hs256(String secret, String header, String claims) {
    String unsigned = unsigned(header, claims);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return unsigned + "." + encode(mac.doFinal(unsigned.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException everyJdkHasIt) {
      throw new AssertionError(everyJdkHasIt);
    }
  }

  static String unsigned(String header, String claims) {
    return encode(header.getBytes(StandardCharsets.UTF_8)) + "."
        + encode(claims.getBytes(StandardCharsets.UTF_8));
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
