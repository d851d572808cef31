package io.vedette.edge.hub;

import io.vedette.edge.filter.BadWish;
import io.vedette.edge.filter.Filter;
import io.vedette.edge.filter.FilterParser;
import io.vedette.edge.filter.Selector;
import io.vedette.edge.metric.EdgeMetrics;
import io.vedette.edge.protocol.ClientFrame;
import io.vedette.edge.protocol.CloseCode;
import io.vedette.edge.protocol.ErrorCode;
import io.vedette.edge.protocol.Frame;
import io.vedette.edge.protocol.FrameParser;
import io.vedette.edge.protocol.Position;
import io.vedette.edge.protocol.ServerFrames;
import io.vedette.edge.queue.TokenBucket;
import io.vedette.runtime.auth.Principal;
import io.vedette.runtime.auth.Role;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One connected client: what it said, what it subscribed to, what waits for it. Lives on its lane's event loop; bounded by {@link Limits}. */
public final class Session {

  /** Which door it came through: raw sockets on {@code /monitor} get a welcome, pongs and may send plain text as heartbeat. */
  public enum Door {
    MONITOR,
    EVENTBUS,
    SOCKJS,
    SSE;

    public String tag() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private static final int TRAIL = 1;

  /** A message may come in fragments; so many for each that is allowed. */
  private static final int FRAMES_PER_MESSAGE = 20;

  /** RFC 6455, section 5.5: a control frame carries 125 bytes, two are the code. */
  private static final int MAX_CLOSE_REASON = 123;

  private static final int MAX_LIMIT = 100_000;

  /** Whose expression was evicted brings no other so long: else one client could fill the time between two evictions with ever new ones. */
  private static final long BARRED_US = 60_000_000;

  /** How much of a wrong value is said back. */
  private static final int MAX_ECHO = 60;

  private final String id;
  private final Door door;
  private final Principal principal;
  private final @Nullable String token;
  private final Outlet outlet;
  private final Lane lane;
  private final Hub hub;
  private final Actions actions;
  private final FrameParser parser;
  private final TokenBucket inbound;
  private final TokenBucket frames;
  private final long openedUs;
  private final Map<String, Subscription> subscriptions = new LinkedHashMap<>();
  private final long pingAfterUs;
  private long heardUs;
  private long pingedUs;
  private Run run;
  private long pendingBeforeRun;
  private boolean closed;
  private int waitingReplies;
  private boolean compiling;
  private final Deque<byte[]> kept = new ArrayDeque<>(0);
  private long keptBytes;

  /** Who is behind a session: for later checks whether the token still holds. {@code token} is null for the anonymous. */
  public record Identity(Principal principal, @Nullable String token) {}

  public Session(
      String id,
      Door door,
      Identity identity,
      Outlet outlet,
      Lane lane,
      Hub hub,
      Actions actions,
      FrameParser parser) {
    this.id = id;
    this.door = door;
    this.principal = identity.principal();
    this.token = identity.token();
    this.outlet = outlet;
    this.lane = lane;
    this.hub = hub;
    this.actions = actions;
    this.parser = parser;
    this.run = lane.nothingWritten();
    this.openedUs = lane.nowUs();
    this.heardUs = openedUs;
    this.pingedUs = openedUs;
    long idleUs = lane.limits().idleMs() * 1_000;
    this.pingAfterUs = idleUs / 4 + Math.floorMod((long) id.hashCode(), 32L) * (idleUs / 12) / 32;
    this.inbound = new TokenBucket(lane.limits().messagesPerSecond(), openedUs);
    this.frames = new TokenBucket(FRAMES_PER_MESSAGE * lane.limits().messagesPerSecond(), openedUs);
    lane.opened(this);
    lane.metrics().opened(door.tag());
  }

  public String id() {
    return id;
  }

  public Principal principal() {
    return principal;
  }

  public @Nullable String token() {
    return token;
  }

  public boolean isClosed() {
    return closed;
  }

  Lane lane() {
    return lane;
  }

  Hub hub() {
    return hub;
  }

  Limits limits() {
    return lane.limits();
  }

  EdgeMetrics metrics() {
    return lane.metrics();
  }

  /** The first frame on {@code /monitor}. */
  public void welcome(String node) {
    reply(ServerFrames.welcome(id, node, principal.name(), lane.limits().idleMs()));
  }

  /** A sign of life that is no message: a pong. */
  public void heard() {
    heardUs = lane.nowUs();
  }

  /** One frame of a socket. A ping counts as a message: it is answered. */
  public void frame(boolean ping) {
    heard();
    if (closed) {
      return;
    }
    if (!(ping ? inbound : frames).take(heardUs)) {
      close(
          CloseCode.TOO_FAST,
          "more than " + lane.limits().messagesPerSecond() + " messages a second, in fragments");
    } else if (ping && !makeRoom()) {
      closeDeaf();
    }
  }

  /** One whole text message. */
  public void receive(byte[] text) {
    if (closed) {
      return;
    }
    long nowUs = lane.nowUs();
    heardUs = nowUs;
    if (!inbound.take(nowUs)) {
      close(
          CloseCode.TOO_FAST,
          "more than " + lane.limits().messagesPerSecond() + " messages a second");
      return;
    }
    if (compiling) {
      keep(text);
    } else {
      take(text);
    }
  }

  private void take(byte[] text) {
    if (door == Door.MONITOR && (text.length == 0 || text[0] != '{')) {
      metrics().received("heartbeat");
      reply(ServerFrames.PONG);
      return;
    }
    act(parser.parse(text));
    leave();
  }

  /** Messages are answered in their order: what comes while an expression is compiled waits behind it. */
  private void keep(byte[] text) {
    keptBytes += text.length;
    if (keptBytes > lane.limits().queueBytes()) {
      close(
          CloseCode.TOO_FAST,
          "more than " + lane.limits().queueBytes() + " bytes behind a filter that is compiled");
      return;
    }
    kept.add(text);
  }

  private void takeKept() {
    for (byte[] next = kept.poll(); next != null && !closed; next = kept.poll()) {
      keptBytes -= next.length;
      take(next);
      if (compiling) {
        return;
      }
    }
  }

  private void act(ClientFrame frame) {
    if (frame instanceof ClientFrame.Ping) {
      metrics().received("ping");
      if (door == Door.MONITOR) {
        reply(ServerFrames.PONG);
      }
    } else if (frame instanceof ClientFrame.Register register) {
      metrics().received("register");
      register(register);
    } else if (frame instanceof ClientFrame.Unregister unregister) {
      metrics().received("unregister");
      Subscription left = subscriptions.remove(unregister.address());
      if (left != null) {
        lane.unsubscribe(left);
      }
    } else if (frame instanceof ClientFrame.Send send) {
      metrics().received("send");
      send(send);
    } else if (frame instanceof ClientFrame.Publish publish) {
      metrics().received("publish");
      error(
          ErrorCode.ACCESS_DENIED,
          publish.address(),
          "clients do not publish; send to an action, for example alerts.acknowledge");
    } else if (frame instanceof ClientFrame.Invalid invalid) {
      metrics().received("invalid");
      error(invalid.code(), null, invalid.detail());
    }
  }

  private void register(ClientFrame.Register register) {
    String address = register.address();
    if (subscriptions.containsKey(address)) {
      error(ErrorCode.ADDRESS_ALREADY_REGISTERED, address, "registered before");
      return;
    }
    if (subscriptions.size() >= lane.limits().subscriptions()) {
      error(
          ErrorCode.MAX_HANDLERS_REACHED,
          address,
          "at most " + lane.limits().subscriptions() + " subscriptions per session");
      return;
    }
    if (!mayRead()) {
      lane.denied(this, address);
      error(ErrorCode.ACCESS_DENIED, address, "role viewer is needed to read topics");
      return;
    }
    if (!makeRoom()) {
      closeDeaf();
      return;
    }
    Topic topic = hub.topic(address);
    if (topic == null) {
      error(ErrorCode.ACCESS_DENIED, address, "no such topic (expected: " + Hub.names() + ")");
      return;
    }
    try {
      if (topic instanceof OrderedTopic ordered) {
        register(register, ordered);
      } else {
        begin(register, topic, subscription((StateTopic) topic, register.headers()));
      }
    } catch (BadWish bad) {
      refuse(topic, String.valueOf(bad.getMessage()));
    }
  }

  private void register(ClientFrame.Register register, OrderedTopic topic) throws BadWish {
    Map<String, String> headers = register.headers();
    OrderedSubscription.Wish wish = wish(headers);
    if (headers.containsKey("selector")) {
      throw new BadWish("headers.selector: " + topic.name()
          + " has no series (expected: headers.filter, or a topic statistics.<name>)");
    }
    String text = headers.get("filter");
    if (text == null) {
      begin(register, topic, new OrderedSubscription(this, topic, wish));
    } else if (!FilterParser.isExpression(text)) {
      begin(register, topic, wish, topic.hold(FilterParser.of(topic.name(), text)));
    } else if (hub.isBarred(principal.tokenId(), lane.nowUs())) {
      throw new BadWish(
          "headers.filter: an expression of this token took too much time less than a minute ago"
              + " (expected: an object of fields, or patience)");
    } else {
      Filter known = topic.holdExpression(text);
      if (known != null || !topic.hasRoom()) {
        begin(register, topic, wish, known);
      } else {
        compile(register, topic, wish, text);
      }
    }
  }

  private void compile(
      ClientFrame.Register register,
      OrderedTopic topic,
      OrderedSubscription.Wish wish,
      String text) {
    compiling = true;
    hub.compiler()
        .compile(topic.name(), text)
        .thenAccept(compiled -> lane.execute(() -> {
          compiling = false;
          if (closed) {
            return;
          }
          Filter filter = compiled.filter();
          if (filter == null) {
            refuse(topic, compiled.refusal());
          } else {
            begin(register, topic, wish, topic.hold(filter));
          }
          leave();
          takeKept();
        }));
  }

  private void begin(
      ClientFrame.Register register,
      OrderedTopic topic,
      OrderedSubscription.Wish wish,
      @Nullable Filter filter) {
    begin(
        register,
        topic,
        filter == null ? null : new OrderedSubscription(this, topic, wish.with(filter)));
  }

  /** @param subscription null when its filter would be one too many */
  private void begin(
      ClientFrame.Register register, Topic topic, @Nullable Subscription subscription) {
    String address = topic.name();
    if (subscription == null) {
      hub.left(topic);
      error(
          ErrorCode.MAX_HANDLERS_REACHED,
          address,
          "this edge evaluates as many different filters and selectors of this topic as it may;"
              + " use one that others use, or leave it to the client");
      return;
    }
    subscriptions.put(address, subscription);
    lane.subscribe(subscription);
    if (hub.topic(address) == topic) {
      subscription.start();
    } else { // its last subscriber left in this moment, and the topic with it
      subscriptions.remove(address);
      lane.unsubscribe(subscription);
      register(register);
    }
  }

  private void refuse(Topic topic, String why) {
    hub.left(topic);
    error(ErrorCode.REJECTED, topic.name(), why);
  }

  private @Nullable Subscription subscription(StateTopic topic, Map<String, String> headers)
      throws BadWish {
    if (headers.containsKey("filter")) {
      throw new BadWish("headers.filter: " + topic.name()
          + " has no filter (expected: one of records, findings, alerts, notifications)");
    }
    boolean asked = headers.get("position") != null;
    String text = headers.get("selector");
    if (text == null) {
      return new StateSubscription(this, topic, asked, null);
    }
    if (!topic.name().startsWith(Hub.STATISTICS)) {
      throw new BadWish("headers.selector: " + topic.name()
          + " has no series (expected: a topic statistics.<name>)");
    }
    Selector selector = topic.hold(Selector.of(text));
    return selector == null ? null : new StateSubscription(this, topic, asked, selector);
  }

  private static OrderedSubscription.Wish wish(Map<String, String> headers) throws BadWish {
    String position = headers.get("position");
    String limit = headers.get("limit");
    int newest = OrderedSubscription.Wish.UNLIMITED;
    if (limit != null) {
      try {
        newest = Integer.parseInt(limit);
      } catch (NumberFormatException notANumber) {
        newest = Integer.MIN_VALUE;
      }
      if (newest < 0 || newest > MAX_LIMIT) {
        throw new BadWish("headers.limit: " + clip(limit, MAX_ECHO)
            + " (expected: a whole number from 0 to " + MAX_LIMIT + ")");
      }
    }
    boolean batch = "true".equals(headers.get("batch"));
    boolean all = "none".equals(headers.get("sampling"));
    if (position == null || position.equals("new")) {
      return new OrderedSubscription.Wish(position != null, null, newest, batch, all, null);
    }
    Position from = Position.parse(position);
    if (from == null) {
      throw new BadWish(
          "headers.position: " + clip(position, MAX_ECHO) + " (expected: new or epoch:offset)");
    }
    return new OrderedSubscription.Wish(true, from, newest, batch, all, null);
  }

  /** Reading needs the role viewer and a token that may see the trail. */
  private boolean mayRead() {
    return principal.allows(Role.VIEWER) && principal.maySee(TRAIL);
  }

  private void send(ClientFrame.Send send) {
    if (waitingReplies >= lane.limits().messagesPerSecond()) {
      error(ErrorCode.REJECTED, send.address(), "too many requests wait for their answer");
      return;
    }
    waitingReplies++;
    actions
        .request(principal, send.address(), send.body())
        .whenComplete((answer, failure) -> lane.execute(() -> {
          waitingReplies--;
          if (!closed) {
            answer(
                send,
                answer != null
                    ? answer
                    : new Actions.Answer.Failure(-1, "ERROR", String.valueOf(failure)));
            leave();
          }
        }));
  }

  private void answer(ClientFrame.Send send, Actions.Answer answer) {
    String replyAddress = send.replyAddress();
    if (answer instanceof Actions.Answer.Unknown unknown) {
      error(ErrorCode.ACCESS_DENIED, send.address(), unknown.message());
    } else if (answer instanceof Actions.Answer.Denied denied) {
      error(ErrorCode.ACCESS_DENIED, send.address(), denied.message());
    } else if (replyAddress == null) {
      return;
    } else if (answer instanceof Actions.Answer.Reply positive) {
      reply(ServerFrames.reply(replyAddress, positive.body()));
    } else if (answer instanceof Actions.Answer.Failure failed) {
      reply(ServerFrames.failure(replyAddress, failed.code(), failed.type(), failed.message()));
    }
  }

  /** A subscription that cannot go on; the client may register again. */
  void refuseSubscription(Subscription subscription, ErrorCode code, String message) {
    subscriptions.remove(subscription.topic().name(), subscription);
    lane.unsubscribe(subscription);
    error(code, subscription.topic().name(), message);
    leave();
  }

  /** Its expression took too much of the time in which everybody is served. */
  void evicted(Subscription subscription) {
    hub.bar(principal.tokenId(), lane.nowUs(), lane.nowUs() + BARRED_US);
    refuseSubscription(
        subscription,
        ErrorCode.REJECTED,
        "headers.filter: this expression takes more time than a subscription may"
            + " (expected: a cheaper one, or an object of fields; from this token in a minute)");
  }

  private void error(ErrorCode code, @Nullable String address, String message) {
    metrics().refused(code.text());
    reply(ServerFrames.error(code, address, message));
  }

  /** Answers are the client's own making: one that does not read them gets no more. */
  private void reply(byte[] json) {
    if (!makeRoom()) {
      if (json != ServerFrames.PONG) {
        closeDeaf();
      }
      return;
    }
    Frame frame = new Frame(json);
    write(frame);
    frame.release();
    leave();
  }

  /** What was written to this client goes now, whatever the tick of the others. */
  void leave() {
    flush();
    lane.flushSoon();
  }

  /** Whether the queue takes one more publication. What only waits for the tick is sent before that is denied: it is no sign of a slow client. */
  boolean makeRoom() {
    if (queuedBytes() < lane.limits().queueBytes()) {
      return true;
    }
    flush();
    return outlet.pendingBytes() < lane.limits().queueBytes();
  }

  /** While a run is written nobody else writes to the socket, so that its queue is asked once a tick. */
  private long queuedBytes() {
    return run.isEmpty() ? outlet.pendingBytes() : pendingBeforeRun + run.bytes();
  }

  /** Leaves with the next flush, in one write with all else of this tick. */
  void write(Frame frame) {
    if (closed) {
      return;
    }
    if (run.isEmpty()) {
      pendingBeforeRun = outlet.pendingBytes();
      lane.dirty(this);
    }
    run = lane.longer(run, frame);
  }

  void publication(Topic topic, Frame frame, int items) {
    write(frame);
    lane.count(topic, frame.length(), items);
  }

  /** A page of history; {@code sent} runs when it left. */
  void replayed(Topic topic, Frame frame, int items, Runnable sent) {
    if (!closed) {
      metrics().replayed(topic.kind(), items, frame.length());
      handOver();
      outlet.write(frame, sent);
    }
  }

  void flush() {
    if (run.isEmpty()) {
      return;
    }
    List<Frame> frames = run.frames();
    if (frames.size() == 1) {
      run = lane.nothingWritten();
      outlet.writeAndFlush(frames.get(0));
    } else {
      handOver();
      outlet.flush();
    }
  }

  private void handOver() {
    for (Frame frame : run.frames()) {
      outlet.write(frame);
    }
    run = lane.nothingWritten();
  }

  void closeSlow(OrderedTopic topic) {
    close(
        CloseCode.SLOW,
        topic.name() + ": more than " + lane.limits().queueBytes() + " bytes wait for this client");
  }

  private void closeDeaf() {
    close(
        CloseCode.SLOW,
        "asks without reading: more than " + lane.limits().queueBytes() + " bytes wait");
  }

  /** For so long nobody looked at the session, or the clock jumped by it: no fault of the client. */
  void excuse(long us) {
    heardUs += us;
    pingedUs += us;
  }

  /** Regular look at the session; returns the bytes that wait in it. */
  long sweep(long nowUs) {
    long idleUs = lane.limits().idleMs() * 1000;
    if (principal.expiredAt(nowUs)) {
      close(CloseCode.UNAUTHORIZED, "token expired; get a new one and connect again");
      return 0;
    }
    if (nowUs - heardUs > idleUs) {
      close(CloseCode.IDLE, "nothing heard for " + lane.limits().idleMs() + " ms");
      return 0;
    }
    if (nowUs - Math.max(heardUs, pingedUs) > pingAfterUs) {
      pingedUs = nowUs;
      outlet.ping();
    }
    if (makeRoom()) {
      for (Subscription subscription : new ArrayList<>(subscriptions.values())) {
        subscription.drained();
      }
    }
    return queuedBytes();
  }

  /** Ends the session from our side. */
  public void close(CloseCode code, String reason) {
    if (!closed) {
      flush();
      forget(code.tag());
      outlet.close(code, clip(reason, MAX_CLOSE_REASON));
    }
  }

  /** The client, or its network, ended it. */
  public void gone() {
    if (!closed) {
      forget("client");
    }
  }

  private void forget(String how) {
    closed = true;
    kept.clear();
    run = lane.nothingWritten();
    List<Subscription> left = new ArrayList<>(subscriptions.values());
    subscriptions.clear();
    left.forEach(lane::unsubscribe);
    lane.closed(this);
    metrics().closed(door.tag(), how, lane.nowUs() - openedUs);
  }

  private static String clip(String text, int bytes) {
    String clipped = text;
    while (clipped.getBytes(StandardCharsets.UTF_8).length > bytes) {
      clipped = clipped.substring(0, Math.min(clipped.length() - 1, bytes));
    }
    return clipped;
  }
}
