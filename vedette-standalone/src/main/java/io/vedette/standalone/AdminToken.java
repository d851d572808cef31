package io.vedette.standalone;

import io.vedette.runtime.Blocking;
import io.vedette.runtime.auth.Role;
import io.vedette.standalone.cli.OwnerOnly;
import io.vedette.store.auth.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/** The administrator's token of a standalone instance: made at first start, kept in {@code admin-token} in the data folder, mode 0600. */
final class AdminToken {
  private AdminToken() {}

  static String load(Path file, Tokens tokens, Duration limit) throws IOException {
    String secret;
    try {
      secret = Files.readString(file).strip();
    } catch (NoSuchFileException firstStart) {
      secret = Blocking.await(tokens.create("admin", Set.of(Role.ADMIN), null, Set.of(1)), limit)
          .secret();
      OwnerOnly.write(file, secret + "\n");
    }
    // The file outlives the database (a folder restored in part): what it says is made true.
    Blocking.await(tokens.ensure(secret, "admin", Set.of(Role.ADMIN), Set.of(1)), limit);
    return secret;
  }
}
