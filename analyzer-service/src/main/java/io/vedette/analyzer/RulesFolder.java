package io.vedette.analyzer;

import io.vedette.analyzer.rule.CompiledRule;
import io.vedette.analyzer.rule.RulesFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Rules as files: {@code *.yaml} of a folder and below, in the order of their names. Blocks. */
public final class RulesFolder {
  /** The files of {@code config/rules}, which travel in the jar as well. */
  static final List<String> SHIPPED =
      List.of("auth.yaml", "demo.yaml", "host.yaml", "sources.yaml", "trail.yaml");

  private static final int MAX_FILES = 1_000;
  private static final long MAX_BYTES = 1L << 20;

  private RulesFolder() {}

  /** Files below a folder, or the one file that the path names. */
  public static List<RulesFile> read(Path path) throws IOException {
    if (Files.isRegularFile(path)) {
      return List.of(file(path, String.valueOf(path.getFileName())));
    }
    List<RulesFile> files = new ArrayList<>();
    try (Stream<Path> found = Files.walk(path)) {
      for (Path file :
          found.filter(RulesFolder::isRules).sorted().limit(MAX_FILES).toList()) {
        files.add(file(file, path.relativize(file).toString().replace('\\', '/')));
      }
    }
    return files;
  }

  private static boolean isRules(Path file) {
    String name = String.valueOf(file.getFileName());
    return !name.startsWith(".")
        && (name.endsWith(".yaml") || name.endsWith(".yml"))
        && Files.isRegularFile(file);
  }

  private static RulesFile file(Path path, String name) throws IOException {
    if (Files.size(path) > MAX_BYTES) {
      throw new IOException(
          path + ": " + Files.size(path) + " bytes (expected: at most " + MAX_BYTES + ")");
    }
    return new RulesFile(name, Files.readString(path));
  }

  /** What this version comes with. */
  static List<RulesFile> shipped() {
    List<RulesFile> files = new ArrayList<>();
    for (String name : SHIPPED) {
      try (InputStream in = RulesFolder.class.getResourceAsStream("rules/" + name)) {
        if (in == null) {
          throw new IllegalStateException("rules/" + name + " is missing in the jar");
        }
        files.add(new RulesFile(name, new String(in.readAllBytes(), StandardCharsets.UTF_8)));
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }
    return files;
  }

  static SortedMap<String, String> texts(List<RulesFile> files) {
    SortedMap<String, String> texts = new TreeMap<>();
    files.forEach(file -> texts.put(file.name(), file.text()));
    return texts;
  }

  /** Of what the rules do, not of how they are written: comments and files may change. */
  static String hash(List<CompiledRule> rules) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      rules.stream()
          .map(CompiledRule::hash)
          .sorted()
          .forEach(hash -> digest.update(hash.getBytes(StandardCharsets.US_ASCII)));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("SHA-256 is part of every JDK", impossible);
    }
  }
}
