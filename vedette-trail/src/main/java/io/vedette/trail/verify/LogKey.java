package io.vedette.trail.verify;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;

/** The public key of a log, the only thing a verifier has to trust: C2SP {@code signed-note}, section "Verifier keys". */
public final class LogKey {
  private static final int KEY_SIZE = 32;
  private static final byte ED25519 = 1;

  /** 2^255 - 19: a canonical point has a smaller y (RFC 8032, section 5.1.3). */
  private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));

  private final String name;
  private final byte[] id;
  private final PublicKey key;

  private LogKey(String name, byte[] id, PublicKey key) {
    this.name = name;
    this.id = id;
    this.key = key;
  }

  /** Parses {@code <name>+<key id>+<base64>}. */
  public static LogKey parse(String vkey) {
    int first = vkey.indexOf('+');
    int second = vkey.indexOf('+', first + 1);
    if (first < 1 || second < 0 || !isName(vkey.substring(0, first))) {
      throw FaultException.of(Reason.SIGNATURE, "key", vkey, "<name>+<key id>+<base64>");
    }
    String name = vkey.substring(0, first);
    byte[] material = Exact.base64(vkey.substring(second + 1), "key");
    if (material.length != 1 + KEY_SIZE || material[0] != ED25519) {
      throw FaultException.of(
          Reason.SIGNATURE, "key", material.length + " bytes", "33, the first of them 1 (Ed25519)");
    }
    byte[] id =
        Arrays.copyOf(new Sha().of((name + "\n").getBytes(StandardCharsets.UTF_8), material), 4);
    String expected = String.format("%08x", ByteBuffer.wrap(id).getInt());
    if (!vkey.substring(first + 1, second).equals(expected)) {
      throw FaultException.of(
          Reason.SIGNATURE, "key id", vkey.substring(first + 1, second), expected);
    }
    return new LogKey(name, id, point(Arrays.copyOfRange(material, 1, material.length)));
  }

  /** The name, which is the origin of the log that signs with it. */
  public String name() {
    return name;
  }

  boolean made(String signer, byte[] idAndSignature) {
    return signer.equals(name) && Arrays.equals(idAndSignature, 0, 4, id, 0, 4);
  }

  boolean verifies(byte[] text, byte[] idAndSignature) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initVerify(key);
      signature.update(text);
      return idAndSignature.length == 4 + 64 && signature.verify(idAndSignature, 4, 64);
    } catch (SignatureException e) {
      return false; // not even the form of a signature
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform does not verify Ed25519", e);
    }
  }

  static boolean isName(String name) {
    return !name.isEmpty()
        && name.codePoints()
            .noneMatch(c -> c < 0x20 || c == '+' || c == 0x85 || Character.isSpaceChar(c));
  }

  /** RFC 8032, section 5.1.2: y little-endian, its highest bit the sign of x. */
  private static PublicKey point(byte[] raw) {
    byte[] bigEndian = new byte[KEY_SIZE];
    for (int i = 0; i < KEY_SIZE; i++) {
      bigEndian[i] = raw[KEY_SIZE - 1 - i];
    }
    boolean xOdd = bigEndian[0] < 0;
    bigEndian[0] &= 0x7f;
    BigInteger y = new BigInteger(1, bigEndian);
    try {
      EdECPublicKeySpec spec =
          new EdECPublicKeySpec(NamedParameterSpec.ED25519, new EdECPoint(xOdd, y));
      PublicKey key = KeyFactory.getInstance("Ed25519").generatePublic(spec);
      Signature.getInstance("Ed25519").initVerify(key);
      if (y.compareTo(P) < 0) {
        return key;
      }
    } catch (InvalidKeyException | InvalidKeySpecException e) {
      throw FaultException.of(
          Reason.SIGNATURE,
          "key",
          "32 bytes that are no point of the curve",
          "an Ed25519 public key");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform lacks Ed25519", e);
    }
    throw FaultException.of(
        Reason.SIGNATURE, "key", "a point not in its canonical form", "an Ed25519 public key");
  }
}
