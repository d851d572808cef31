package io.vedette.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.postgres.FolderLock.Attempt;
import io.vedette.postgres.FolderLock.Holder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
  private static final long ME = ProcessHandle.current().pid();

  @TempDir
  Path folder;

  @Test
  void secondAttemptLearnsWhoHoldsTheFolder() throws Exception {
    try (FolderLock lock = locked()) {
      assertThat(FolderLock.tryLock(folder))
          .isEqualTo(new Attempt.Held(new Holder(ME, Optional.empty())));
      lock.publish("{\"url\":\"http://localhost:8080\"}");
      lock.publish("{\"url\":\"http://localhost:8090\"}");
      Holder holder = new Holder(ME, Optional.of("{\"url\":\"http://localhost:8090\"}"));
      assertThat(FolderLock.tryLock(folder)).isEqualTo(new Attempt.Held(holder));
      assertThat(FolderLock.holder(folder)).contains(holder);
    }
  }

  @Test
  void whatIsPublishedIsReadByTheOwnerOnly() throws Exception {
    try (FolderLock lock = locked()) {
      lock.publish("secret");
      assertThat(PosixFilePermissions.toString(
              Files.getPosixFilePermissions(folder.resolve("instance.json"))))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void closedLockIsFreeAndLeavesNoContent() throws Exception {
    FolderLock lock = locked();
    lock.publish("secret");
    lock.close();
    lock.close();
    assertThat(folder.resolve("instance.json")).doesNotExist();
    assertThat(FolderLock.holder(folder)).isEmpty();
    locked().close();
  }

  @Test
  void folderNeverLockedHasNoHolder() throws Exception {
    assertThat(FolderLock.holder(folder)).isEmpty();
  }

  @Test
  void locksOfDifferentNamesDoNotMeet() throws Exception {
    try (FolderLock lock = locked()) {
      assertThat(lock).isNotNull();
      assertThat(FolderLock.tryLock(folder, "postgres")).isInstanceOf(Attempt.Locked.class);
    }
  }

  @Test
  void killedHolderLosesTheFolderAndItsContentIsGone() throws Exception {
    try (ChildLauncher child = ChildLauncher.start("lock", folder.toString())) {
      assertThat(child.line()).isEqualTo("locked");
      assertThat(FolderLock.tryLock(folder))
          .isEqualTo(new Attempt.Held(
              new Holder(child.pid(), Optional.of("{\"url\":\"http://localhost:8080\"}"))));
      assertThat(FolderLock.holder(folder)).isPresent();
      child.kill();
      assertThat(FolderLock.holder(folder)).isEmpty();
      try (FolderLock lock = locked()) {
        assertThat(lock).isNotNull();
        assertThat(folder.resolve("instance.json")).doesNotExist();
      }
    }
  }

  private FolderLock locked() throws Exception {
    return ((Attempt.Locked) FolderLock.tryLock(folder)).lock();
  }
}
