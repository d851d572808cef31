package io.vedette.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.vedette.postgres.ServerAccount.Account;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerAccountTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @TempDir
  Path folder;

  @Test
  @EnabledIf("io.vedette.postgres.TestPlace#isRoot")
  void rootFindsAWayToBeSomebodyElse() {
    assertThat(ServerAccount.ways("nobody", 65534, 65534, Command::find))
        .anyMatch(ServerAccount::works);
    assertThat(ServerAccount.forData(folder.resolve("none")).uid()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "vedette postgres, setpriv runuser su, vedette 101 setpriv --clear-groups",
    "postgres,         setpriv runuser su, postgres 102 setpriv --clear-groups",
    "root-vedette postgres, setpriv,       postgres 102 setpriv --clear-groups",
    "'',               setpriv runuser su, nobody 65534 setpriv --clear-groups",
    "vedette postgres, runuser su,         vedette 101 runuser",
    "vedette postgres, su,                 vedette 101 su",
    "vedette postgres, '',                 none",
  })
  void theFirstAccountByTheFirstWay(String accounts, String programs, String expected) {
    assertThat(found(accounts, programs, way -> true)).isEqualTo(expected);
  }

  @Test
  void aWayThatDoesNotWorkIsPassedOver() {
    String all = "setpriv runuser su";
    assertThat(found("vedette", all, way -> !way.prefix().contains("--clear-groups")))
        .isEqualTo("vedette 101 setpriv --keep-groups");
    assertThat(found("vedette", all, way -> !way.prefix().get(0).equals("/bin/setpriv")))
        .isEqualTo("vedette 101 runuser");
    assertThat(found("vedette", all, ServerAccount::quoted)).isEqualTo("vedette 101 su");
    assertThat(found("vedette postgres", all, way -> !way.name().equals("vedette")))
        .isEqualTo("postgres 102 setpriv --clear-groups");
    assertThat(found("vedette postgres", all, way -> way.uid() == 65534))
        .isEqualTo("nobody 65534 setpriv --clear-groups");
    assertThat(found("vedette postgres", all, way -> false)).isEqualTo("none");
  }

  private static String found(String accounts, String programs, Predicate<ServerAccount> works) {
    Map<String, Account> known = Map.of(
        "vedette", new Account(101, 201),
        "postgres", new Account(102, 202),
        "root-vedette", new Account(0, 0));
    return ServerAccount.firstFound(
            name -> Stream.of(accounts.split(" "))
                .filter(account -> account.endsWith(name))
                .map(known::get)
                .findFirst(),
            program -> List.of(programs.split(" ")).contains(program)
                ? Optional.of("/bin/" + program)
                : Optional.empty(),
            works)
        .map(account -> account.name() + " " + account.uid() + " "
            + Path.of(account.prefix().get(0)).getFileName()
            + account.prefix().stream()
                .filter(word -> word.endsWith("-groups"))
                .map(word -> " " + word)
                .collect(Collectors.joining()))
        .orElse("none");
  }

  @Test
  void wordsSurviveAShellThatGetsThemAsOneLine() {
    ServerAccount shell = new ServerAccount("me", 1, 1, List.of("/bin/sh", "-c"), true);
    String word = "it's \"$HOME\" `id` \\ *";
    assertThat(Command.run(shell.command(List.of("printf", "%s|%s", word, "")), LIMIT)
            .output())
        .isEqualTo(word + "|");
  }

  @Test
  void reachAsksTheSystem() throws Exception {
    ServerAccount me = new ServerAccount("me", 1, 1, List.of(), false);
    assertThat(me.reaches(folder)).isTrue();
    assertThat(me.reaches(folder.resolve("missing"))).isFalse();
    assertThat(me.reaches(Files.createFile(folder.resolve("file")))).isFalse();
  }
}
