package io.vedette.collector.source.journal;

import io.vedette.collector.append.Gatherer;
import io.vedette.collector.append.Offer;
import io.vedette.collector.decode.JournalDecoder;
import io.vedette.collector.process.TimedPipeline;
import io.vedette.collector.source.Piece;
import io.vedette.collector.source.PullSource;
import io.vedette.collector.source.SourceException;
import io.vedette.model.CanonicalRecord;
import io.vedette.model.Flags;
import io.vedette.model.GapRecord;
import io.vedette.model.RecordDraft;
import io.vedette.model.Times;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The systemd journal, by a {@code journalctl -f} of our own that runs as long as the source is open; its pipe is the back-pressure. When first seen, the newest 10 MiB of what is there are history, older
 * entries are declared by a gap record.
 */
public final class JournalSource implements PullSource {

  /** @param command usually {@code journalctl}, with options that choose what is read */
  public record Settings(
      String name, List<String> command, long historyBytes, List<String> process) {}

  private static final int PIECE_ENTRIES = 500;
  private static final int MAX_LINE_BYTES = 8 << 20;
  private static final long PROBE_SECONDS = 20;

  private final Settings settings;
  private final JournalDecoder decoder = new JournalDecoder();
  private final TimedPipeline pipeline;
  private final String user;

  private @Nullable Process process;
  private @Nullable Path errors;
  private @Nullable InputStream out;
  private byte[] held = new byte[64 * 1024];
  private int length;
  private @Nullable String
      position; // as the database has it: the journal's cursor, while history is read also its last
  // one
  private @Nullable String historyEnd; // entries up to this cursor are history
  private @Nullable String loss;
  private long tooLong;

  public JournalSource(Settings settings) {
    this(settings, System.getProperty("user.name"));
  }

  JournalSource(Settings settings, String user) {
    this.settings = settings;
    this.user = user;
    this.pipeline = new TimedPipeline(settings.process(), settings.name());
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public String kind() {
    return "journal";
  }

  @Override
  public void open(List<Standing> cursors) throws SourceException, IOException {
    close();
    position = null;
    historyEnd = null;
    for (Standing cursor : cursors) {
      if (cursor.cursor().equals(settings.name())) {
        position = cursor.position();
      }
    }
    String after;
    if (position == null) {
      after = historyStart();
    } else {
      String[] cursorAndHistory = position.split(" ", 2);
      after = cursorAndHistory[0];
      historyEnd = cursorAndHistory.length > 1 ? cursorAndHistory[1] : null;
    }
    List<String> arguments = new ArrayList<>(List.of("-o", "json", "-f", "--no-tail", "-q"));
    if (after != null) {
      arguments.add("--after-cursor=" + after);
    }
    errors = Files.createTempFile("vedette-journal", ".err");
    process = start(arguments, errors);
    out = new BufferedInputStream(process.getInputStream(), 64 * 1024);
  }

  /** Cursor of the entry before the newest 10 MiB, null where there is nothing older. Reads the journal backwards. */
  private @Nullable String historyStart() throws SourceException, IOException {
    Path said = Files.createTempFile("vedette-journal", ".err");
    Process backwards = start(List.of("-o", "json", "-r", "-q", "--no-pager"), said);
    String oldest = null;
    long bytes = 0;
    boolean more = false;
    try (BufferedReader lines = new BufferedReader(
        new InputStreamReader(backwards.getInputStream(), StandardCharsets.ISO_8859_1))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        byte[] entry = line.getBytes(StandardCharsets.ISO_8859_1);
        String cursor = decoder.decode(entry, 0, entry.length, 1).cursor();
        if (cursor != null && historyEnd == null) {
          historyEnd = cursor;
        }
        bytes += entry.length;
        if (cursor != null && bytes > settings.historyBytes()) {
          oldest = cursor;
          more = true;
          break;
        }
      }
      if (!more) {
        ended(backwards, said);
      }
    } finally {
      stop(backwards);
      Files.deleteIfExists(said);
    }
    if (more) {
      loss = "older than the newest " + settings.historyBytes()
          + " bytes when the journal was first seen";
    }
    return oldest;
  }

  private void ended(Process backwards, Path said) throws SourceException, IOException {
    try {
      if (!backwards.waitFor(PROBE_SECONDS, TimeUnit.SECONDS) || backwards.exitValue() != 0) {
        throw unreadable(said);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the journal was read", interrupted);
    }
    if (historyEnd == null) {
      throw unreadable(said);
    }
  }

  /** Says whether there is no journal, no permission to read it, or nothing in it: each has another remedy. */
  private SourceException unreadable(Path said) throws SourceException, IOException {
    String text = Files.readString(said, StandardCharsets.UTF_8).strip();
    if (text.isEmpty()) {
      text = inItsWords(); // it was told to be quiet
    }
    String why = text.lines().findFirst().orElse("");
    if (why.contains("No journal files were found")) {
      return new SourceException(
          "there is no journal on this host: " + why,
          "start systemd-journald, or name other sources in collector.sources");
    }
    if (user.equals("root")) {
      return new SourceException(
          why.isEmpty() ? "the journal has no entries" : why,
          "journalctl --verify (root may read every journal)");
    }
    return new SourceException(
        why.isEmpty() ? "the journal has no entries that " + user + " may read" : why,
        "sudo usermod -aG systemd-journal " + user + " (then log in again)");
  }

  /** What journalctl says of itself when it is asked for one entry and may speak; empty when it has nothing to complain of. */
  private String inItsWords() throws SourceException, IOException {
    Path said = Files.createTempFile("vedette-journal", ".err");
    try {
      Process asked = start(List.of("-o", "json", "-n", "1", "--no-pager"), said);
      try {
        if (!asked.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)) {
          return "";
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while the journal was asked", interrupted);
      } finally {
        stop(asked);
      }
      return Files.readString(said, StandardCharsets.UTF_8).strip();
    } finally {
      Files.deleteIfExists(said);
    }
  }

  private Process start(List<String> arguments, Path said) throws SourceException {
    List<String> command = new ArrayList<>(settings.command());
    command.addAll(arguments);
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(said.toFile());
      builder.environment().put("LC_ALL", "C.UTF-8");
      Process started = builder.start();
      started.getOutputStream().close();
      return started;
    } catch (IOException missing) {
      throw new SourceException(
          settings.command().get(0) + " cannot be run: " + missing.getMessage(),
          "a host with systemd, or a source of kind files instead");
    }
  }

  @Override
  public @Nullable Piece next(long nowUs) throws SourceException, IOException {
    InputStream in = out;
    Process running = process;
    if (in == null || running == null) {
      throw new IOException("the journal is not open");
    }
    boolean alive = running.isAlive();
    fill(in);
    List<CanonicalRecord> records = new ArrayList<>();
    List<Piece.Undecodable> rejected = new ArrayList<>();
    String to = null;
    int from = 0;
    int entries = 0;
    for (int i = 0; i < length && entries < PIECE_ENTRIES; i++) {
      if (held[i] == '\n') {
        if (i > from) {
          entries++;
          String cursor = entry(from, i, records, rejected, nowUs);
          to = cursor == null ? to : cursor;
        }
        from = i + 1;
      }
    }
    System.arraycopy(held, from, held, 0, length - from);
    length -= from;
    if (to == null) {
      if (!alive && in.available() == 0) {
        Path said = errors;
        if (said == null) {
          throw new IOException("journalctl ended");
        }
        throw unreadable(said);
      }
      return null;
    }
    String missing = loss;
    if (missing != null) {
      records.add(CanonicalRecord.of(
          GapRecord.of(settings.name(), -1, missing, null, Times.ofUs(nowUs)).toBuilder()
              .observedUs(nowUs)
              .build(),
          Gatherer.OWN_SOURCE));
    }
    if (tooLong > 0) {
      records.add(CanonicalRecord.of(
          GapRecord.of(
                  settings.name(),
                  tooLong,
                  "entries larger than " + MAX_LINE_BYTES + " bytes",
                  null,
                  Times.ofUs(nowUs))
              .toBuilder()
              .observedUs(nowUs)
              .build(),
          Gatherer.OWN_SOURCE));
    }
    return new Piece(
        records,
        rejected,
        new Offer.Position(
            settings.name(), position, historyEnd == null ? to : to + " " + historyEnd),
        nowUs,
        pipeline.takeWorkedUs(),
        from);
  }

  private @Nullable String entry(
      int from,
      int to,
      List<CanonicalRecord> records,
      List<Piece.Undecodable> rejected,
      long nowUs) {
    JournalDecoder.Entry entry = decoder.decode(held, from, to, nowUs);
    RecordDraft record = entry.record();
    if (record == null) {
      if (entry.rejection() != null) {
        rejected.add(new Piece.Undecodable(entry.rejection(), Arrays.copyOfRange(held, from, to)));
      }
    } else {
      RecordDraft draft =
          historyEnd == null ? record : record.toBuilder().flag(Flags.BACKFILL).build();
      CanonicalRecord kept = pipeline.apply(draft);
      if (kept != null) {
        records.add(kept);
      }
    }
    if (entry.cursor() != null && entry.cursor().equals(historyEnd)) {
      historyEnd = null;
    }
    return entry.cursor();
  }

  private void fill(InputStream in) throws IOException {
    while (in.available() > 0) {
      if (length == held.length) {
        if (length >= MAX_LINE_BYTES) {
          tooLong++;
          length = 0; // its end will look like an entry that cannot be decoded
        } else {
          held = Arrays.copyOf(held, held.length * 2);
        }
      }
      int count = in.read(held, length, Math.min(held.length - length, in.available()));
      if (count <= 0) {
        return;
      }
      length += count;
      if (length >= 256 * 1024 && contains(held, length)) {
        return;
      }
    }
  }

  private static boolean contains(byte[] bytes, int to) {
    for (int i = 0; i < to; i++) {
      if (bytes[i] == '\n') {
        return true;
      }
    }
    return false;
  }

  @Override
  public void committed(Piece piece) {
    Offer.Position moved = piece.position();
    if (moved != null) {
      position = moved.to();
    }
    loss = null;
    tooLong = 0;
  }

  @Override
  public void close() throws IOException {
    Process running = process;
    process = null;
    if (running != null) {
      stop(running);
    }
    out = null;
    length = 0;
    Path said = errors;
    errors = null;
    if (said != null) {
      Files.deleteIfExists(said);
    }
  }

  private static void stop(Process running) throws IOException {
    running.destroy();
    running.getInputStream().close();
    try {
      if (!running.waitFor(2, TimeUnit.SECONDS)) {
        running.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      running.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
