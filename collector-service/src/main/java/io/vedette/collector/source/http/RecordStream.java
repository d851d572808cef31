package io.vedette.collector.source.http;

import io.vedette.collector.process.Pipeline;
import io.vedette.collector.process.Step;
import io.vedette.model.CanonicalRecord;
import io.vedette.model.Decoded;
import io.vedette.model.RecordDraft;
import io.vedette.model.RecordParser;
import io.vedette.model.Rejection;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The records of one request while its body streams: split, parsed, processed, canonical. Values are counted whether they become records or rejections, so that a retry under the same Idempotency-Key can
 * begin after those that are done. Not thread safe; keeps the records not taken yet and {@link #MAX_LISTED} rejections.
 */
public final class RecordStream implements BodySplitter.Sink {

  public static final int MAX_LISTED = 100;

  /** A value that is no record, and where it stood. */
  public record Rejected(long line, Rejection rejection) {}

  /**
   * @param hashed whether the values are hashed: the request has an Idempotency-Key
   * @param done values that an earlier request under the same key has in the trail
   * @param prefixHash their hash
   */
  public record Resume(boolean hashed, long done, byte[] prefixHash) {
    public static final Resume NONE = new Resume(false, 0, new byte[0]);
  }

  private final String source;
  private final int maxRecordBytes;
  private final RecordParser parser;
  private final Pipeline pipeline;
  private final Resume resume;
  private final BodySplitter splitter;
  private final @Nullable MessageDigest hash;

  private List<CanonicalRecord> records = new ArrayList<>();
  private final List<Rejected> listed = new ArrayList<>();
  private long rejected;
  private long values;
  private long nowUs;
  private long processNs;
  private boolean other;

  public RecordStream(
      String source, int maxRecordBytes, RecordParser parser, Pipeline pipeline, Resume resume) {
    this.source = source;
    this.maxRecordBytes = maxRecordBytes;
    this.parser = parser;
    this.pipeline = pipeline;
    this.resume = resume;
    this.splitter = new BodySplitter(maxRecordBytes);
    this.hash = resume.hashed() ? sha256() : null;
  }

  public void feed(byte[] chunk, long receivedUs) {
    nowUs = receivedUs;
    splitter.feed(chunk, this);
  }

  public void end(long receivedUs) {
    nowUs = receivedUs;
    splitter.end(this);
    other |= values < resume.done();
  }

  /** Records ready to be offered. */
  public int ready() {
    return records.size();
  }

  public List<CanonicalRecord> take() {
    List<CanonicalRecord> taken = records;
    records = new ArrayList<>();
    return taken;
  }

  /** Values seen so far: records, rejections and those done before. */
  public long values() {
    return values;
  }

  public long rejected() {
    return rejected;
  }

  public List<Rejected> listed() {
    return listed;
  }

  /** Whether the body cannot be the one that began under this key. */
  public boolean isOther() {
    return other;
  }

  /** Whether all that came yet is one value that is too large. */
  public boolean isOversized() {
    return values == 0 && splitter.oversized();
  }

  public long bytesRead() {
    return splitter.bytesRead();
  }

  /** Nanoseconds spent in the pipeline since the last call. */
  public long takeProcessNs() {
    long ns = processNs;
    processNs = 0;
    return ns;
  }

  /** Hash of the values so far. */
  public byte[] prefixHash() {
    if (hash == null) {
      return new byte[0];
    }
    try {
      return ((MessageDigest) hash.clone()).digest();
    } catch (CloneNotSupportedException never) {
      throw new IllegalStateException("SHA-256 of this Java cannot be cloned", never);
    }
  }

  @Override
  public void value(byte[] bytes, int from, int to, long line) {
    if (done(bytes, from, to)) {
      return;
    }
    Decoded decoded = parser.parse(bytes, from, to, nowUs);
    if (decoded instanceof Rejection rejection) {
      reject(line, rejection);
      return;
    }
    long startNs = System.nanoTime();
    Step.Result result = pipeline.apply((RecordDraft) decoded);
    if (result instanceof Step.Kept kept) {
      CanonicalRecord record = CanonicalRecord.of(kept.record(), source);
      if (record.bytes() > maxRecordBytes) {
        reject(line, tooLarge(record.bytes() + " bytes in canonical form"));
      } else {
        records.add(record);
      }
    } else if (result instanceof Step.Dropped dropped) {
      reject(
          line,
          new Rejection(
              Rejection.Reason.WRONG_VALUE,
              "record",
              "dropped by processing: " + dropped.reason(),
              "a record that the source's steps keep"));
    }
    processNs += System.nanoTime() - startNs;
  }

  @Override
  public void oversized(long line, long bytes) {
    byte[] size = Long.toString(bytes).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    if (!done(size, 0, size.length)) {
      reject(line, tooLarge(bytes + " bytes"));
    }
  }

  @Override
  public void unclosed(long line) {
    reject(
        line,
        new Rejection(
            Rejection.Reason.INVALID_JSON, "record", "the end of the body within an array", "]"));
  }

  /** Counts and hashes a value; true when an earlier request did it already. */
  private boolean done(byte[] bytes, int from, int to) {
    values++;
    if (hash == null) {
      return false;
    }
    hash.update(bytes, from, to - from);
    hash.update((byte) '\n');
    if (values == resume.done() && !MessageDigest.isEqual(prefixHash(), resume.prefixHash())) {
      other = true;
    }
    return values <= resume.done();
  }

  private Rejection tooLarge(String found) {
    return new Rejection(
        Rejection.Reason.TOO_LARGE,
        "record",
        found,
        "at most " + maxRecordBytes + " bytes (collector.record.max-bytes)");
  }

  private void reject(long line, Rejection rejection) {
    rejected++;
    if (listed.size() < MAX_LISTED) {
      listed.add(new Rejected(line, rejection));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException everyJavaHasIt) {
      throw new IllegalStateException(everyJavaHasIt);
    }
  }
}
