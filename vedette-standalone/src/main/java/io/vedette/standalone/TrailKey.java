package io.vedette.standalone;

import io.vedette.standalone.cli.OwnerOnly;
import io.vedette.trail.NoteSigner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The key that signs this trail's checkpoints, made at first start and kept in the data folder, mode 0600. Only standalone makes one; a cluster is given its key. */
final class TrailKey {
  private TrailKey() {}

  static NoteSigner load(Path file, String origin) throws IOException {
    try {
      return NoteSigner.parse(Files.readString(file).strip());
    } catch (NoSuchFileException firstStart) {
      NoteSigner fresh = NoteSigner.generate(origin);
      OwnerOnly.write(file, fresh.secret() + "\n");
      return fresh;
    }
  }
}
