package io.vedette.trail;

import static io.vedette.trail.RefusedException.malformed;

import java.security.PublicKey;
import java.util.Base64;

/**
 * A public key that may vouch for notes, in its text form a <i>vkey</i>: C2SP {@code signed-note}, section "Verifier keys".
 *
 * <pre>
 *   &lt;name&gt;+&lt;key id, 8 hexadecimal digits&gt;+base64(0x01 || 32 bytes of Ed25519 public key)
 * </pre>
 */
public final class NoteVerifier {
  private final String name;
  private final int keyId;
  private final String vkey;
  private final PublicKey key;

  private NoteVerifier(String name, int keyId, String vkey, PublicKey key) {
    this.name = name;
    this.keyId = keyId;
    this.vkey = vkey;
    this.key = key;
  }

  public static NoteVerifier parse(String vkey) {
    String[] parts = vkey.split("\\+", 3);
    if (parts.length != 3) {
      throw malformed("vkey", vkey, "<name>+<key id>+<base64>");
    }
    String name = KeyName.require(parts[0], "vkey");
    int keyId = KeyName.parseId(parts[1], "vkey");
    byte[] typeAndKey = Strict.base64(parts[2], -1, "vkey");
    PublicKey key = Ed25519.publicKey(KeyName.ed25519(typeAndKey, "vkey"), "vkey");
    if (KeyName.id(name, typeAndKey) != keyId) {
      throw malformed(
          "vkey", "key id " + parts[1], "key id " + KeyName.hex(KeyName.id(name, typeAndKey)));
    }
    return new NoteVerifier(name, keyId, vkey, key);
  }

  static NoteVerifier of(String name, byte[] typeAndKey) {
    String vkey = name + "+" + KeyName.hex(KeyName.id(name, typeAndKey)) + "+"
        + Base64.getEncoder().encodeToString(typeAndKey);
    return parse(vkey);
  }

  public String name() {
    return name;
  }

  public int keyId() {
    return keyId;
  }

  /** The text form; same as {@link #toString}. */
  public String vkey() {
    return vkey;
  }

  /** Whether a signature line is this key's, by name and id; says nothing of its validity. */
  boolean made(NoteSignature signature) {
    return signature.keyId() == keyId && signature.name().equals(name);
  }

  boolean verifies(byte[] text, NoteSignature signature) {
    return Ed25519.verify(key, text, signature.bytes());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NoteVerifier verifier && verifier.vkey.equals(vkey);
  }

  @Override
  public int hashCode() {
    return vkey.hashCode();
  }

  @Override
  public String toString() {
    return vkey;
  }
}
