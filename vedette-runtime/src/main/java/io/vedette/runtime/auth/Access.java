package io.vedette.runtime.auth;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vedette.runtime.RuntimeConfig;
import io.vedette.runtime.config.Config;
import io.vedette.runtime.http.Origins;
import io.vedette.runtime.http.Problem;
import io.vedette.runtime.http.Requests;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.SecurityPolicyHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Tells who presents a token and whether they may. Safe for use by any thread. Verdicts are remembered for {@code http.auth.cache} under the token's hash, at most {@value #MAX_REMEMBERED} of them;
 * look-ups of the same token at the same time share one.
 */
public final class Access {
  public static final String COOKIE = "vedette";

  // About 300 bytes each: 3 MB. More tokens than that at a time only cost look-ups.
  private static final int MAX_REMEMBERED = 10_000;
  private static final int MAX_TOKEN_LENGTH = 16 * 1024;
  private static final String PRINCIPAL = "vedette.principal";
  private static final String BEARER = "bearer ";
  private static final Set<HttpMethod> SAFE =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  private record Remembered(Future<Verdict> verdict, long untilUs) {}

  private final TokenLookup tokens;
  private final Optional<JwtVerifier> jwt;
  private final Origins origins;
  private final Duration remember;
  private final Map<String, Counter> verdicts = new HashMap<>();
  private final LongSupplier clockUs;
  private final Map<ByteBuffer, Remembered> remembered = new LinkedHashMap<>(64, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Remembered> eldest) {
      return size() > MAX_REMEMBERED;
    }
  };

  private Access(
      TokenLookup tokens,
      Optional<JwtVerifier> jwt,
      Config config,
      MeterRegistry metrics,
      LongSupplier clockUs) {
    this.tokens = tokens;
    this.jwt = jwt;
    this.origins = Origins.of(config);
    this.remember = config.get(RuntimeConfig.ACCESS_CACHE);
    this.clockUs = clockUs;
    for (String word : Verdict.WORDS) {
      verdicts.put(
          word,
          Counter.builder("vedette.access.verdicts")
              .description("Verdicts on tokens")
              .tag("verdict", word)
              .register(metrics));
    }
    Gauge.builder("vedette.access.verdicts.remembered", this, Access::size)
        .description("Verdicts on tokens in memory")
        .register(metrics);
  }

  /** Reads key files named by the configuration: call it while the process starts, not on an event loop. */
  public static Access create(
      Vertx vertx, Config config, TokenLookup tokens, MeterRegistry metrics) {
    return create(vertx, config, tokens, metrics, () -> System.currentTimeMillis() * 1_000);
  }

  public static Access create(
      Vertx vertx, Config config, TokenLookup tokens, MeterRegistry metrics, LongSupplier clockUs) {
    return new Access(tokens, JwtVerifier.create(vertx, config, clockUs), config, metrics, clockUs);
  }

  /** The verdict on a token; never fails. Sessions that outlive a request ask again every few seconds: that is how a revoked or expired token ends them. */
  public Future<Verdict> authenticate(String token) {
    if (token.isEmpty()) {
      return counted(new Verdict.Missing());
    }
    if (token.length() > MAX_TOKEN_LENGTH) {
      return counted(new Verdict.Bad("longer than " + MAX_TOKEN_LENGTH + " characters"));
    }
    long nowUs = clockUs.getAsLong();
    ByteBuffer hash = hash(token);
    Remembered known;
    synchronized (remembered) {
      known = remembered.get(hash);
    }
    if (known != null && nowUs < known.untilUs()) {
      return onCaller(known.verdict());
    }
    Future<Verdict> verdict = ask(token);
    synchronized (remembered) {
      remembered.put(hash, new Remembered(verdict, nowUs + remember.toMillis() * 1_000));
    }
    verdict.onSuccess(answer -> {
      if (answer instanceof Verdict.Unavailable) {
        forget(hash, verdict);
      }
    });
    return onCaller(verdict);
  }

  /** A shared look-up answers on the context of whoever began it; each caller gets its answer on its own. */
  private Future<Verdict> onCaller(Future<Verdict> shared) {
    if (shared.succeeded()) {
      return counted(unlessExpired(shared.result()));
    }
    Context caller = Vertx.currentContext();
    Promise<Verdict> answer = Promise.promise();
    shared.onSuccess(verdict -> {
      if (caller == null) {
        answer.complete(verdict);
      } else {
        caller.runOnContext(hop -> answer.complete(verdict));
      }
    });
    return answer.future().compose(verdict -> counted(unlessExpired(verdict)));
  }

  /** The verdict on what a request presents: a bearer token, else the cookie, which a page of another origin cannot use for changes. Tokens in queries are the edge's business. */
  public Future<Verdict> authenticate(HttpServerRequest request) {
    String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (authorization != null) {
      return authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)
          ? authenticate(authorization.substring(BEARER.length()).strip())
          : counted(new Verdict.Bad("Authorization is not Bearer"));
    }
    Cookie cookie = request.getCookie(COOKIE);
    if (cookie == null) {
      return counted(new Verdict.Missing());
    }
    boolean changes = !SAFE.contains(request.method()) || Requests.isWebSocketUpgrade(request);
    if (changes && !origins.isSame(request)) {
      String origin = request.getHeader(HttpHeaders.ORIGIN);
      return counted(new Verdict.ForeignOrigin(origin == null ? "none" : origin));
    }
    return authenticate(cookie.getValue());
  }

  /** Goes before the handler of the body. Lets pass who has the role, with {@link #principal} set; answers the others with 401, 403 or 503. The body is untouched until then. */
  public SecurityPolicyHandler require(Role needed) {
    return ctx -> {
      HttpServerRequest request = ctx.request();
      boolean paused = !request.isEnded();
      if (paused) {
        request.pause();
      }
      authenticate(request).onComplete(outcome -> {
        if (paused) {
          request.resume();
        }
        if (outcome.failed()) {
          ctx.fail(outcome.cause());
          return;
        }
        if (outcome.result() instanceof Verdict.Granted who) {
          setPrincipal(ctx, who.principal()); // also for a refusal: it is recorded whose it was
        }
        admit(ctx, outcome.result().require(needed));
      });
    };
  }

  private static void admit(RoutingContext ctx, Verdict verdict) {
    if (verdict instanceof Verdict.Granted granted) {
      setPrincipal(ctx, granted.principal());
      ctx.next();
    } else {
      refuse(ctx, verdict);
    }
  }

  /** Answers a verdict other than {@link Verdict.Granted}. */
  public static void refuse(RoutingContext ctx, Verdict verdict) {
    String type = verdict.word().replace('_', '-');
    if (verdict instanceof Verdict.NotAllowed || verdict instanceof Verdict.ForeignOrigin) {
      Problem.send(ctx, 403, type, "Not allowed", verdict.advice());
    } else if (verdict instanceof Verdict.Unavailable) {
      ctx.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
      Problem.send(ctx, 503, type, "Tokens cannot be checked", verdict.advice());
    } else {
      String challenge =
          verdict instanceof Verdict.Missing ? "Bearer" : "Bearer error=\"invalid_token\"";
      ctx.response().putHeader("WWW-Authenticate", challenge);
      Problem.send(
          ctx,
          401,
          "token-" + type,
          "Token " + (verdict instanceof Verdict.Bad ? "not accepted" : type),
          verdict.advice());
    }
  }

  public static void setPrincipal(RoutingContext ctx, Principal principal) {
    ctx.put(PRINCIPAL, principal);
  }

  /** Who asks, if that was found out, be it to refuse them. */
  public static Optional<Principal> known(RoutingContext ctx) {
    return Optional.ofNullable(ctx.<Principal>get(PRINCIPAL));
  }

  /** Who asks, behind {@link #require} or {@link #setPrincipal}. */
  public static Principal principal(RoutingContext ctx) {
    Principal principal = ctx.get(PRINCIPAL);
    if (principal == null) {
      throw new IllegalStateException(
          "route " + ctx.normalizedPath() + " asks for a principal without requiring a role");
    }
    return principal;
  }

  /** Who sends without a token from this very machine: for {@code collector.ingest.trust-loopback}. Empty for anyone else, and for what a proxy passed on. */
  public static Optional<Principal> loopbackSender(HttpServerRequest request) {
    return Requests.isDirectLoopback(request)
        ? Optional.of(
            new Principal("loopback", Set.of(Role.INGEST), Set.of(1), Principal.NEVER, "loopback"))
        : Optional.empty();
  }

  /** The cookie that carries a token of the dashboard: no script reads it, no other site sends it. */
  public Cookie cookie(String token, Principal principal, boolean tls) {
    long seconds = principal.expiresUs() == Principal.NEVER
        ? 400L * 24 * 3600
        : Math.max(0, (principal.expiresUs() - clockUs.getAsLong()) / 1_000_000);
    return Cookie.cookie(COOKIE, token)
        .setPath("/")
        .setHttpOnly(true)
        .setSameSite(CookieSameSite.STRICT)
        .setSecure(tls)
        .setMaxAge(seconds);
  }

  public Origins origins() {
    return origins;
  }

  private Future<Verdict> ask(String token) {
    if (jwt.isPresent() && JwtVerifier.looksLikeJwt(token)) {
      return jwt.get().verify(token);
    }
    Future<Optional<Principal>> found;
    try {
      found = tokens.byToken(token);
    } catch (RuntimeException failed) {
      found = Future.failedFuture(failed);
    }
    return found
        .<Verdict>map(holder -> holder.isPresent()
            ? new Verdict.Granted(holder.get())
            : new Verdict.Bad("unknown or revoked"))
        .otherwise(failure -> new Verdict.Unavailable(failure.toString()));
  }

  private Verdict unlessExpired(Verdict verdict) {
    return verdict instanceof Verdict.Granted granted
            && granted.principal().expiredAt(clockUs.getAsLong())
        ? new Verdict.Expired(granted.principal().expiresUs())
        : verdict;
  }

  private Future<Verdict> counted(Verdict verdict) {
    Counter counter = verdicts.get(verdict.word());
    if (counter == null) {
      throw new IllegalStateException("verdict without a counter: " + verdict.word());
    }
    counter.increment();
    return Future.succeededFuture(verdict);
  }

  private void forget(ByteBuffer hash, Future<Verdict> verdict) {
    synchronized (remembered) {
      Remembered known = remembered.get(hash);
      if (known != null && known.verdict() == verdict) {
        remembered.remove(hash);
      }
    }
  }

  private int size() {
    synchronized (remembered) {
      return remembered.size();
    }
  }

  private static ByteBuffer hash(String token) {
    try {
      return ByteBuffer.wrap(
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }
}
