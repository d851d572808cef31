package io.vedette.store.erase;

import java.util.List;
import java.util.Map;

/**
 * What an erasure came to.
 *
 * @param count records whose payload and salt are gone
 * @param ranges their indices
 * @param acts indices of the records that say so
 * @param derived rows that quoted them, by table
 * @param tables what has to be written anew until the files hold nothing of it
 * @param purged whether they were
 * @param walForgotten whether the write-ahead log was overwritten as well
 * @param problem why not, or until when not; empty when all was done
 */
public record Erased(
    long count,
    List<Wish.Range> ranges,
    List<Long> acts,
    Map<String, Long> derived,
    List<String> tables,
    boolean purged,
    boolean walForgotten,
    String problem) {
  /** The {@code problem} when the tables were not to be written anew. */
  public static final String NOT_ASKED = "not asked for";

  public Erased {
    ranges = List.copyOf(ranges);
    acts = List.copyOf(acts);
    derived = Map.copyOf(derived);
    tables = List.copyOf(tables);
  }
}
