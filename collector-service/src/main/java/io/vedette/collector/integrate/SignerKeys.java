package io.vedette.collector.integrate;

import io.vedette.runtime.config.Config;
import io.vedette.runtime.config.Key;
import io.vedette.store.trail.TrailConfig;
import io.vedette.trail.NoteSigner;
import io.vedette.trail.NoteVerifier;
import io.vedette.trail.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The private keys this process was given: none, one, or two while a key is being replaced. */
record SignerKeys(List<NoteSigner> signers) {
  SignerKeys {
    signers = List.copyOf(signers);
  }

  /** Reads the files anew: a key that was replaced counts from the next reading on. */
  static SignerKeys read(Config config) {
    List<NoteSigner> signers = new ArrayList<>();
    config.get(TrailConfig.KEY).ifPresent(text -> signers.add(parse(TrailConfig.KEY, text)));
    for (Key<Optional<String>> key :
        List.of(TrailConfig.KEY_FILE, TrailConfig.NEXT_KEY_FILE, TrailConfig.PREVIOUS_KEY_FILE)) {
      config.get(key).ifPresent(file -> {
        NoteSigner signer = parse(key, text(key, Path.of(file)));
        if (signers.stream().noneMatch(known -> known.verifier().equals(signer.verifier()))) {
          signers.add(signer);
        }
      });
    }
    return new SignerKeys(signers);
  }

  List<NoteVerifier> verifiers() {
    return signers.stream().map(NoteSigner::verifier).toList();
  }

  List<String> vkeys() {
    return signers.stream().map(signer -> signer.verifier().vkey()).toList();
  }

  /** Refuses keys that are not named as the trail's origin. */
  void requireOrigin(String origin) {
    if (signers.isEmpty()) {
      throw new NotSigningException(
          NotSigningException.Reason.KEY,
          "no key (expected: trail.key-file, or trail.key; checkpoints are not signed here)");
    }
    for (NoteSigner signer : signers) {
      if (!signer.name().equals(origin)) {
        throw new NotSigningException(
            NotSigningException.Reason.KEY,
            "a key of " + signer.name() + " (expected: of the trail's origin, " + origin + ")");
      }
    }
  }

  private static String text(Key<?> key, Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new NotSigningException(
          NotSigningException.Reason.KEY,
          key.path() + ": " + file + " cannot be read: " + e + " (expected: a private key)");
    }
  }

  private static NoteSigner parse(Key<?> key, String text) {
    try {
      return NoteSigner.parse(text);
    } catch (RefusedException e) {
      throw new NotSigningException(
          NotSigningException.Reason.KEY, key.path() + ": " + e.getMessage());
    }
  }
}
