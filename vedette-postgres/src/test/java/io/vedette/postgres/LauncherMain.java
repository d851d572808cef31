package io.vedette.postgres;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;

/**
 * A process of its own that starts a server (or takes the lock of a folder), says so in one line and stays until its input
 * ends: something the tests can kill.
 */
final class LauncherMain {
  private LauncherMain() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    if (args[0].equals("lock")) {
      String said = FolderLock.tryLock(folder) instanceof FolderLock.Attempt.Locked locked
          ? publish(locked.lock())
          : "held";
      System.out.println(said);
      waitForEnd();
      return;
    }
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.start(TestPlace.options(folder, Path.of(args[2]))
            .withSettings(Map.of("fsync", args[0].equals("durable") ? "on" : "off")))) {
      if (args[0].equals("interrupted")) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> askOnceMore(postgres)));
      }
      System.out.println("running %d %d %s"
          .formatted(postgres.serverPid(), postgres.port(), System.getProperty("user.name")));
      waitForEnd();
    } catch (EmbeddedPostgresException e) {
      System.out.println("refused " + e.reason() + " " + e.getMessage());
    }
    System.out.println("ended");
  }

  private static void askOnceMore(EmbeddedPostgres postgres) {
    try {
      System.out.println("answered " + TestPlace.ask(postgres, "SELECT 42"));
    } catch (SQLException e) {
      System.out.println("refused " + e.getMessage());
    }
    postgres.close();
  }

  private static String publish(FolderLock lock) throws Exception {
    lock.publish("{\"url\":\"http://localhost:8080\"}");
    return "locked";
  }

  private static void waitForEnd() throws Exception {
    while (System.in.read() >= 0) {
      // whoever started us ends us by closing our input, or by killing us
    }
  }
}
