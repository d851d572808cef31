package io.vedette.trail.verify;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** GET from a server that is not believed: neither its answer nor the time it takes is without a bound. Any thread may call; blocks. */
public final class BoundedGet {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  /** From the request to the last byte. */
  private static final Duration WHOLE = Duration.ofSeconds(60);

  /** What gzip may add to what does not shrink. */
  private static final int ZIPPED = 16_384;

  private final HttpClient http = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(CONNECT)
      .build();
  private final Duration limit;
  private final List<String> headers;

  /** @param headers names and values in turn, sent with every request */
  public BoundedGet(String... headers) {
    this(WHOLE, headers);
  }

  BoundedGet(Duration limit, String... headers) {
    this.limit = limit;
    this.headers = List.of(headers);
  }

  /**
   * The answer's body; null for 404.
   *
   * @param most bytes it may have
   * @throws IOException when it cannot be had, is longer, or takes too long
   */
  public byte @Nullable [] get(URI uri, int most) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).timeout(limit).header("Accept-Encoding", "gzip, identity");
    if (!headers.isEmpty()) {
      request.headers(headers.toArray(String[]::new));
    }
    CompletableFuture<HttpResponse<byte[]>> asked = http.sendAsync(
        request.build(),
        info -> info.statusCode() == 200
            ? new Bounded(uri, most)
            : BodySubscribers.replacing(new byte[0]));
    HttpResponse<byte[]> response;
    try {
      response = asked.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      asked.cancel(true);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while reading " + uri, e);
    } catch (TimeoutException e) {
      asked.cancel(true); // ends the exchange
      throw new IOException(uri + ": not all of it within " + limit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IOException(uri + ": " + e.getCause(), e);
    }
    if (response.statusCode() == 404) {
      return null;
    }
    if (response.statusCode() != 200) {
      throw new IOException(uri + ": " + response.statusCode() + " (expected: 200)");
    }
    boolean gzip =
        response.headers().firstValue("Content-Encoding").filter("gzip"::equals).isPresent();
    byte[] body = gzip ? unzipped(response.body(), most) : response.body();
    if (body.length > most) {
      throw tooLong(uri, most);
    }
    return body;
  }

  private static byte[] unzipped(byte[] body, int most) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      return in.readNBytes(most + 1);
    }
  }

  private static IOException tooLong(URI uri, int most) {
    return new IOException(
        uri + ": more than " + most + " bytes (expected: at most " + most + " bytes)");
  }

  /** Takes no more than was asked for, whatever is sent. */
  private static final class Bounded implements BodySubscriber<byte[]> {
    private final URI uri;
    private final int most;
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    Bounded(URI uri, int most) {
      this.uri = uri;
      this.most = most;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription incoming) {
      subscription = incoming;
      incoming.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        if (taken.size() + buffer.remaining() > most + ZIPPED) {
          if (subscription != null) {
            subscription.cancel();
          }
          body.completeExceptionally(tooLong(uri, most));
          return;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        taken.writeBytes(bytes);
      }
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      body.complete(taken.toByteArray());
    }
  }
}
