package io.vedette.trail;

import static io.vedette.trail.RefusedException.malformed;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** Ed25519 (RFC 8032) by the platform's provider, with the raw 32-byte keys that notes use. */
final class Ed25519 {
  /** Its type byte in C2SP {@code signed-note}, section "Signature types". */
  static final byte TYPE = 1;

  static final int KEY_SIZE = 32;
  static final int SIGNATURE_SIZE = 64;

  /** The fixed DER before the raw key in the two standard encodings (RFC 8410). */
  private static final byte[] X509_HEAD = HexFormat.of().parseHex("302a300506032b6570032100");

  private static final byte[] PKCS8_HEAD =
      HexFormat.of().parseHex("302e020100300506032b657004220420");

  private Ed25519() {}

  static PublicKey publicKey(byte[] raw, String what) {
    try {
      PublicKey key = KeyFactory.getInstance("Ed25519")
          .generatePublic(new X509EncodedKeySpec(join(X509_HEAD, raw)));
      Signature.getInstance("Ed25519").initVerify(key);
      return key;
    } catch (InvalidKeySpecException | InvalidKeyException e) {
      throw malformed(what, HexFormat.of().formatHex(raw), "a point of the Ed25519 curve");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform lacks Ed25519", e);
    }
  }

  static PrivateKey privateKey(byte[] seed) {
    try {
      return KeyFactory.getInstance("Ed25519")
          .generatePrivate(new PKCS8EncodedKeySpec(join(PKCS8_HEAD, seed)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform lacks Ed25519", e);
    }
  }

  /**
   * The public key that belongs to a seed. The platform derives it only while generating a pair, so it is given this seed as its
   * randomness; whether it took it is checked by a signature.
   */
  static byte[] publicKeyOf(byte[] seed) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
      generator.initialize(NamedParameterSpec.ED25519, new Replay(seed));
      PublicKey key = generator.generateKeyPair().getPublic();
      byte[] probe = {1};
      if (!verify(key, probe, sign(privateKey(seed), probe))) {
        throw new IllegalStateException(
            "this Java platform derives another public key than the seed's");
      }
      byte[] encoded = key.getEncoded();
      return Arrays.copyOfRange(encoded, encoded.length - KEY_SIZE, encoded.length);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform lacks Ed25519", e);
    }
  }

  static byte[] sign(PrivateKey key, byte[] message) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(key);
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform does not sign with Ed25519", e);
    }
  }

  static boolean verify(PublicKey key, byte[] message, byte[] signed) {
    if (signed.length != SIGNATURE_SIZE) {
      return false;
    }
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initVerify(key);
      signature.update(message);
      return signature.verify(signed);
    } catch (SignatureException e) {
      return false; // not a signature at all: no curve point, or its scalar out of range
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform does not verify Ed25519", e);
    }
  }

  private static byte[] join(byte[] head, byte[] raw) {
    byte[] joined = Arrays.copyOf(head, head.length + raw.length);
    System.arraycopy(raw, 0, joined, head.length, raw.length);
    return joined;
  }

  /** "Randomness" that is one given seed. */
  private static final class Replay extends SecureRandom {
    private static final long serialVersionUID = 1;
    private final byte[] seed;

    Replay(byte[] seed) {
      this.seed = seed.clone();
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(seed, 0, bytes, 0, bytes.length);
    }
  }
}
