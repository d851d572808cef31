package io.vedette.edge.hub;

import io.vedette.edge.filter.Filter;
import io.vedette.edge.protocol.Frame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Publications {@code first} to {@code last} of an ordered topic on their way to the lanes: all of them in one frame for those who want all, a sample while they come too fast, and what each filter takes. A
 * publication that several filters take is one piece, so that it is framed and compressed once. Counted as its frames are.
 *
 * @param epoch the incarnation they were published in
 * @param sample null when nothing is left out
 */
record Chunk(
    String epoch,
    long first,
    long last,
    Frame whole,
    @Nullable Sample sample,
    List<Piece> pieces,
    List<Cut> cuts) {

  /** What goes to those who take a sample; {@code frame} is null when it is nothing of this chunk. */
  record Sample(@Nullable Frame frame, int leftOut) {}

  /** One publication that at least one filter takes. */
  record Piece(long offset, Frame frame) {}

  /** What one filter takes, ascending; {@code together} is all of it, for those who ask for batches. */
  record Cut(Filter filter, List<Piece> pieces, Frame together) {}

  void retain() {
    whole.retain();
    if (sample != null && sample.frame() != null) {
      sample.frame().retain();
    }
    pieces.forEach(piece -> piece.frame().retain());
    cuts.forEach(cut -> cut.together().retain());
  }

  void release() {
    whole.release();
    if (sample != null && sample.frame() != null) {
      sample.frame().release();
    }
    pieces.forEach(piece -> piece.frame().release());
    cuts.forEach(cut -> cut.together().release());
  }
}
