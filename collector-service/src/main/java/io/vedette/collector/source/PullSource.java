package io.vedette.collector.source;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A source that is asked. Blocking; one thread at a time calls it. The next piece is asked for when the last one is in the trail. */
public interface PullSource extends AutoCloseable {

  /** Names of its cursors begin with this: its own name, and for sources with many cursors the name and a colon. */
  String name();

  /** Closed set: a metric tag. */
  String kind();

  /**
   * Makes it ready to read on from where its cursors stand.
   *
   * @param cursors those of this source
   * @throws SourceException when it cannot run: says why and what would change it
   */
  void open(List<Standing> cursors) throws SourceException, IOException;

  /** A cursor in the database. */
  record Standing(String cursor, @Nullable String position) {}

  /** What there is to read, null when there is nothing now. */
  @Nullable
  Piece next(long nowUs) throws SourceException, IOException;

  /** The piece is in the trail. */
  void committed(Piece piece);

  /** What is worth telling people: parts of it that cannot be read, and why. */
  default List<String> complaints() {
    return List.of();
  }

  @Override
  void close() throws IOException;
}
