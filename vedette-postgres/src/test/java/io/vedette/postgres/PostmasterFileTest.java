package io.vedette.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PostmasterFileTest {
  private static final String READY =
      "6264\n/data/pgdata\n1795296234\n25999\n\n127.0.0.1\n  2146330         8\nready   \n";

  @Test
  void readsPidStartAndStatus() {
    assertThat(PostmasterFile.parse(READY)).contains(new PostmasterFile(6264, 1795296234, "ready"));
    assertThat(PostmasterFile.parse(READY).filter(PostmasterFile::isReady)).isPresent();
  }

  @Test
  void isNotReadyWhileItIsBeingWritten() {
    for (int length = 0; length < READY.indexOf("ready") + 5; length++) {
      assertThat(PostmasterFile.parse(READY.substring(0, length)).filter(PostmasterFile::isReady))
          .as("first %d characters", length)
          .isEmpty();
    }
  }

  @Test
  void rubbishIsNoServer() {
    assertThat(PostmasterFile.parse("")).isEmpty();
    assertThat(PostmasterFile.parse("-1\nx\n2\n")).isEmpty();
    assertThat(PostmasterFile.parse("99999999999\nx\n2\n")).isEmpty();
  }

  @Test
  void anotherPidOrStartIsAnotherRun() {
    PostmasterFile run = new PostmasterFile(7, 100, "ready");
    assertThat(run.isSameRun(new PostmasterFile(7, 100, "stopping"))).isTrue();
    assertThat(run.isSameRun(new PostmasterFile(8, 100, "ready"))).isFalse();
    assertThat(run.isSameRun(new PostmasterFile(7, 101, "ready"))).isFalse();
  }
}
