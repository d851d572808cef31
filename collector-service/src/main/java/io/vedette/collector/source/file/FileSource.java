package io.vedette.collector.source.file;

import io.vedette.collector.append.Gatherer;
import io.vedette.collector.append.Offer;
import io.vedette.collector.decode.LineDecoder;
import io.vedette.collector.process.TimedPipeline;
import io.vedette.collector.source.Piece;
import io.vedette.collector.source.PullSource;
import io.vedette.collector.source.SourceException;
import io.vedette.model.CanonicalRecord;
import io.vedette.model.Flags;
import io.vedette.model.GapRecord;
import io.vedette.model.RecordDraft;
import io.vedette.model.Times;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Text log files, each with its own cursor ({@code <source>:<path>}). When the source is first seen, the newest 10 MiB over all its files are history, the rest of them is declared by gap records; files
 * that appear later are read from their first byte.
 */
public final class FileSource implements PullSource {

  /**
   * @param exclude globs over paths or names
   * @param historyBytes how much is read of what was there before
   * @param rediscoverUs how often new files are looked for
   * @param rotatePolls see {@link FileTail}
   */
  public record Settings(
      String name,
      List<String> include,
      List<String> exclude,
      int maxLineBytes,
      long historyBytes,
      long rediscoverUs,
      int rotatePolls,
      List<String> process) {}

  public static final List<String> DEFAULT_INCLUDE = List.of("/var/log/**");
  public static final List<String> DEFAULT_EXCLUDE = List.of(
      "*.gz",
      "*.xz",
      "*.bz2",
      "*.zst",
      "*.lz4",
      "*.zip",
      "wtmp*",
      "btmp*",
      "lastlog*",
      "faillog*",
      "tallylog*",
      "*.journal",
      "*.journal~",
      "*.[0-9]",
      "*.[0-9][0-9]",
      "*-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]",
      "*.old",
      "/var/log/journal",
      "/var/log/vedette");

  private static final int MAX_COMPLAINTS = 20;

  private final Settings settings;
  private final LineDecoder decoder;
  private final TimedPipeline pipeline;
  private final FileDiscovery discovery;
  private final Map<Path, FileTail> tails = new LinkedHashMap<>();
  private List<String> complaints = List.of();
  private Map<String, String> standing = new HashMap<>();
  private boolean known;
  private long discoveredUs = Long.MIN_VALUE;
  private int turn;
  private FileTail.@Nullable Read read;
  private @Nullable FileTail reader;

  public FileSource(Settings settings, LineDecoder decoder) {
    this.settings = settings;
    this.decoder = decoder;
    this.pipeline = new TimedPipeline(settings.process(), settings.name());
    this.discovery = new FileDiscovery(settings.include(), settings.exclude());
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public String kind() {
    return "files";
  }

  @Override
  public void open(List<Standing> cursors) throws SourceException, IOException {
    close();
    standing = new HashMap<>();
    known = false;
    for (Standing cursor : cursors) {
      known = true;
      String position = cursor.position();
      if (position != null) {
        standing.put(cursor.cursor(), position);
      }
    }
    discoveredUs = Long.MIN_VALUE;
    FileDiscovery.Found found = discovery.find();
    if (found.files().isEmpty() && !found.unreadable().isEmpty()) {
      Path one = found.unreadable().get(0);
      String user = System.getProperty("user.name");
      throw new SourceException(
          "none of its files can be read by " + user + ", for example " + one,
          user.equals("root")
              ? "ls -lZ " + one + " (its permissions, or a security module, refuse even root)"
              : "sudo usermod -aG adm " + user + " (then log in again)");
    }
  }

  @Override
  public @Nullable Piece next(long nowUs) throws IOException {
    if (discoveredUs == Long.MIN_VALUE
        || nowUs - discoveredUs >= settings.rediscoverUs()
        || nowUs < discoveredUs) {
      discover();
      discoveredUs = nowUs;
    }
    if (!known) { // from now on what appears is new
      known = true;
      return new Piece(
          List.of(), List.of(), new Offer.Position(settings.name(), null, "1"), nowUs, 0, 0);
    }
    List<FileTail> all = List.copyOf(tails.values());
    for (int i = 0; i < all.size(); i++) {
      FileTail tail = all.get(turn++ % all.size());
      Piece piece = read(tail, nowUs);
      if (piece != null) {
        return piece;
      }
    }
    return null;
  }

  private @Nullable Piece read(FileTail tail, long nowUs) throws IOException {
    FileTail.Read found;
    try {
      found = tail.read();
    } catch (NoSuchFileException gone) {
      return null;
    } catch (IOException broken) {
      tails.remove(tail.path()); // found again when it can be read again
      tail.close();
      complaints = List.of(tail.path() + " cannot be read: " + broken);
      return null;
    }
    if (found == null) {
      return null;
    }
    read = found;
    reader = tail;
    List<CanonicalRecord> records = new ArrayList<>(found.lines().size());
    String loss = found.loss();
    if (loss != null) {
      records.add(CanonicalRecord.of(
          GapRecord.of(settings.name(), -1, loss, null, Times.ofUs(nowUs)).toBuilder()
              .observedUs(nowUs)
              .build(),
          Gatherer.OWN_SOURCE));
    }
    for (FileTail.Line line : found.lines()) {
      if (line.to() > line.from()) {
        addLine(records, tail, line, nowUs);
      }
    }
    FileCursor from = found.from();
    return new Piece(
        records,
        List.of(),
        new Offer.Position(
            cursor(tail.path()), from == null ? null : from.text(), found.to().text()),
        nowUs,
        pipeline.takeWorkedUs(),
        found.bytes());
  }

  private void addLine(
      List<CanonicalRecord> records, FileTail tail, FileTail.Line line, long nowUs) {
    RecordDraft.Builder draft =
        decoder.decode(line.bytes(), line.from(), line.to(), nowUs).toBuilder();
    draft.attribute("file", tail.path().toString());
    if (line.part() > 0) {
      draft.flag(Flags.SPLIT).attribute("part", line.part());
    }
    if (line.history()) {
      draft.flag(Flags.BACKFILL);
    }
    CanonicalRecord record = pipeline.apply(draft.build());
    if (record != null) {
      records.add(record);
    }
  }

  @Override
  public void committed(Piece piece) {
    FileTail tail = reader;
    FileTail.Read done = read;
    if (tail != null && done != null) {
      tail.advance(done);
      standing.put(cursor(tail.path()), done.to().text());
    }
    read = null;
    reader = null;
  }

  @Override
  public List<String> complaints() {
    return complaints;
  }

  @Override
  public void close() throws IOException {
    for (FileTail tail : tails.values()) {
      tail.close();
    }
    tails.clear();
    read = null;
    reader = null;
  }

  private String cursor(Path path) {
    return settings.name() + ":" + path;
  }

  private void discover() throws IOException {
    FileDiscovery.Found found = discovery.find();
    List<Path> fresh = new ArrayList<>();
    List<String> complaining = new ArrayList<>();
    for (Path path : found.files()) {
      if (!tails.containsKey(path) && tails.size() + fresh.size() < FileDiscovery.MAX_FILES) {
        fresh.add(path);
      }
    }
    for (Path path : found.unreadable()) {
      if (complaining.size() < MAX_COMPLAINTS) {
        complaining.add(path + " cannot be read by " + System.getProperty("user.name")
            + ": sudo setfacl -m u:" + System.getProperty("user.name") + ":r " + path);
      }
    }
    if (found.more()) {
      complaining.add("more than " + FileDiscovery.MAX_FILES
          + " files match: the others are not read; name fewer in collector.sources");
    }
    fresh.sort(Comparator.comparingLong(FileSource::modifiedMs).reversed());
    long budget = settings.historyBytes();
    for (Path path : fresh) {
      budget -= follow(path, budget, complaining);
    }
    complaints = List.copyOf(complaining);
  }

  /** Answers how many bytes of history it will read. */
  private long follow(Path path, long budget, List<String> complaining) {
    FileTail tail = new FileTail(path, settings.maxLineBytes(), settings.rotatePolls());
    try {
      String position = standing.get(cursor(path));
      FileCursor cursor = position == null ? null : FileCursor.parse(position);
      long used = 0;
      if (cursor != null) {
        tail.resume(cursor);
      } else if (known) {
        tail.begin(Long.MAX_VALUE, false);
      } else {
        long size = Files.size(path);
        used = Math.min(size, budget);
        tail.begin(used, true);
      }
      tails.put(path, tail);
      return tail.isBinary() ? 0 : used;
    } catch (IOException unreadable) {
      complaining.add(path + " cannot be read: " + unreadable);
      return 0;
    }
  }

  private static long modifiedMs(Path path) {
    try {
      return Files.getLastModifiedTime(path).toMillis();
    } catch (IOException gone) {
      return 0;
    }
  }
}
