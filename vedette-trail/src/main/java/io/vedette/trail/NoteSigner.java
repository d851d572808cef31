package io.vedette.trail;

import static io.vedette.trail.RefusedException.malformed;

import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * A private key that signs notes. Its text form is the one of Go's {@code golang.org/x/mod/sumdb/note}, which other log tools read:
 *
 * <pre>
 *   PRIVATE+KEY+&lt;name&gt;+&lt;key id, 8 hexadecimal digits&gt;+base64(0x01 || 32 bytes of Ed25519 seed)
 * </pre>
 *
 * <p>Immutable, for any thread; a signature takes most of a millisecond, so not for an event loop.
 */
public final class NoteSigner {
  private static final String HEAD = "PRIVATE+KEY+";

  private final NoteVerifier verifier;
  private final byte[] typeAndSeed;
  private final PrivateKey key;

  private NoteSigner(String name, byte[] typeAndSeed) {
    byte[] seed = KeyName.ed25519(typeAndSeed, "private key");
    byte[] typeAndKey = new byte[typeAndSeed.length];
    typeAndKey[0] = Ed25519.TYPE;
    System.arraycopy(Ed25519.publicKeyOf(seed), 0, typeAndKey, 1, seed.length);
    this.verifier = NoteVerifier.of(name, typeAndKey);
    this.typeAndSeed = typeAndSeed;
    this.key = Ed25519.privateKey(seed);
  }

  /** A new key from the platform's strong randomness. The name is the log's origin. */
  public static NoteSigner generate(String name) {
    byte[] seed = new byte[Ed25519.KEY_SIZE];
    new SecureRandom().nextBytes(seed);
    return ofSeed(name, seed);
  }

  /** The key of a seed of 32 bytes, RFC 8032's private key. */
  public static NoteSigner ofSeed(String name, byte[] seed) {
    KeyName.require(name, "key name");
    byte[] typeAndSeed = new byte[1 + seed.length];
    typeAndSeed[0] = Ed25519.TYPE;
    System.arraycopy(seed, 0, typeAndSeed, 1, seed.length);
    return new NoteSigner(name, typeAndSeed);
  }

  /** Parses the text form. No message of a refusal repeats any of it. */
  public static NoteSigner parse(String secret) {
    String[] parts = secret.split("\\+", 5);
    if (parts.length != 5 || !secret.startsWith(HEAD)) {
      throw notAKey();
    }
    try {
      String name = KeyName.require(parts[2], "private key");
      NoteSigner signer = new NoteSigner(name, Strict.base64(parts[4], -1, "private key"));
      if (signer.verifier.keyId() == KeyName.parseId(parts[3], "private key")) {
        return signer;
      }
    } catch (RefusedException e) {
      throw notAKey(); // without its cause, which quotes
    }
    throw malformed(
        "private key",
        "a key id that is not this key's",
        "the one made from its name and public key");
  }

  private static RefusedException notAKey() {
    return malformed(
        "private key",
        "a text of another form (not shown)",
        HEAD + "<name>+<key id>+<base64>, type 1");
  }

  public String name() {
    return verifier.name();
  }

  /** The public half, to be handed out. */
  public NoteVerifier verifier() {
    return verifier;
  }

  /** The private text form, to be kept where only the signer reads. */
  public String secret() {
    return HEAD + name() + "+" + KeyName.hex(verifier.keyId()) + "+"
        + Base64.getEncoder().encodeToString(typeAndSeed);
  }

  NoteSignature sign(byte[] text) {
    return new NoteSignature(name(), verifier.keyId(), Ed25519.sign(key, text));
  }

  /** Names the key without telling it. */
  @Override
  public String toString() {
    return "signer of " + verifier;
  }
}
