package io.vedette.standalone.cli.trail;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.vedette.collector.integrate.verify.Acts;
import io.vedette.collector.integrate.verify.IndexRanges;
import io.vedette.trail.verify.BoundedGet;
import io.vedette.trail.verify.PayloadSource;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stored bytes of records over HTTP, a page of them at a time ({@code /api/v1/records/canonical}), and of those that are gone which ones the others name as erased or expired. Any thread may read.
 */
final class RemoteRecords implements PayloadSource {
  /** A page of 4 MiB, or one record of 16 MiB more than that, in base64 with its lines. */
  private static final int MAX_PAGE = 32 << 20;

  private static final JsonFactory JSON = new JsonFactory();

  private final RemoteAddress address;
  private final BoundedGet http;

  // Guarded by this.
  private final Acts acts = new Acts();
  private final IndexRanges gone = new IndexRanges();

  RemoteRecords(RemoteAddress address, String token) {
    this.address = address;
    this.http = new BoundedGet("Authorization", "Bearer " + token);
  }

  @Override
  public List<@Nullable Payload> read(long first, int count) throws IOException {
    URI uri = address.records(first, count);
    byte[] lines = http.get(uri, MAX_PAGE);
    if (lines == null) {
      throw new IOException(uri + ": 404 (expected: records)");
    }
    List<@Nullable Payload> page = parse(uri, first, count, lines);
    for (int i = 0; i < page.size(); i++) {
      Payload payload = page.get(i);
      if (payload != null && Acts.mayBe(payload.record())) {
        synchronized (this) {
          acts.add(first + i, payload.record());
        }
      }
    }
    return page;
  }

  private static List<@Nullable Payload> parse(URI uri, long first, int count, byte[] lines)
      throws IOException {
    List<@Nullable Payload> page = new ArrayList<>();
    try (JsonParser json = JSON.createParser(lines)) {
      while (page.size() < count && json.nextToken() == JsonToken.START_OBJECT) {
        long index = -1;
        byte[] salt = null;
        byte[] record = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          json.nextToken();
          switch (name) {
            case "index" -> index = json.getLongValue();
            case "salt" -> salt = json.getBinaryValue();
            case "canonical" -> record = json.getBinaryValue();
            default -> json.skipChildren();
          }
        }
        if (index != first + page.size()) {
          throw new IOException(
              uri + ": index " + index + " (expected: " + (first + page.size()) + ")");
        }
        page.add(salt == null || record == null ? null : new Payload(salt, record));
      }
    } catch (JsonParseException e) {
      throw new IOException(uri + ": " + e.getOriginalMessage() + " (expected: JSON lines)", e);
    }
    if (page.isEmpty()) {
      throw new IOException(uri + ": nothing (expected: a line for " + first + ")");
    }
    return page;
  }

  /** Tells of an entry without its record. */
  synchronized void gone(long index) {
    gone.add(index, index + 1);
  }

  synchronized long countGone() {
    return gone.count();
  }

  /** The first index whose record is gone and that no record read so far names, -1 where there is none. */
  synchronized long unexplained() {
    return acts.firstUnnamed(gone);
  }
}
