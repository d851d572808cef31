package io.vedette.model;

/** What the {@code flags} of a canonical record may say: how it differs from what was received, or how it is to be counted. */
public final class Flags {

  /** Bytes that are no UTF-8 were written as the text {@code \xNN}. */
  public static final String INVALID_UTF8 = "invalid-utf8";

  /** A text holds U+0000; the canonical bytes hold its escape, never the byte. */
  public static final String NUL = "nul";

  /** Half a surrogate pair was written as the text {@code \\uNNNN}. */
  public static final String LONE_SURROGATE = "lone-surrogate";

  /** A member was given more than once: the last one counts, the others are in the attribute {@link RecordDraft#SHADOWED}. */
  public static final String DUPLICATE_KEYS = "duplicate-keys";

  /** A number beyond what a double holds exactly became a string with the digits as received. */
  public static final String NUMBER_AS_TEXT = "number-as-text";

  /** A time finer than a nanosecond, or a leap second, was cut. */
  public static final String TIME_CUT = "time-cut";

  /** A line longer than the limit was split; this is a part of it. */
  public static final String SPLIT = "split";

  /** History, read when its source was first seen: in the trail, but in no window. */
  public static final String BACKFILL = "backfill";

  private Flags() {}
}
