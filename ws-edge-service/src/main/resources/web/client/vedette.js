/**
 * Vedette's client of the event-bus bridge, for browsers and Node 20 or newer. One module, no dependencies.
 *
 *     import { EventBus } from '/client/vedette.js';
 *     const bus = new EventBus('/monitor');
 *     bus.registerHandler('alerts', { position: 'new' }, (error, message) => {
 *       if (error) console.error(error.message); else console.log(message.body.rule, message.headers.position);
 *     });
 *     bus.addEventListener('resumed', ({ detail }) => console.log(detail.address, detail.replay, 'replayed'));
 *
 * In Node before 22 there is no global WebSocket: `new EventBus(url, { WebSocket: (await import('ws')).default, token })`.
 *
 * SAME AS THE PUBLIC CLIENT (`@vertx/eventbus-bridge-client.js`): the constructor (url, options), `onopen`, `onclose`, `onerror`,
 * `onreconnect`, `onevent`, `onunhandled`, `registerHandler(address[, headers], callback)`, `unregisterHandler`, `send(address, body[,
 * headers][, callback])`, `publish`, `close`, `enablePing`, `enableReconnect`, `defaultHeaders`, `state` (CONNECTING, OPEN, CLOSING,
 * CLOSED), and its options `vertxbus_ping_interval`, `vertxbus_reconnect_attempts_max`, `vertxbus_reconnect_delay_min`,
 * `vertxbus_reconnect_delay_max`, `vertxbus_reconnect_exponent`. A callback gets (error, message); an error is
 * {failureCode, failureType, message, code}. `send` and `publish` throw INVALID_STATE_ERR unless the bus is OPEN.
 *
 * DIFFERENT, ON PURPOSE
 * - It speaks to a raw WebSocket (`/monitor`), not SockJS.
 * - It reconnects by itself (`{reconnect: false}` or `enableReconnect(false)` turns that off) and registers its handlers again. So
 *   handlers may be registered at any time, and `onopen` is called once, for the first connection; later ones call `onreconnect`.
 * - Ordered topics resume. A registration whose headers have a `position` (`new`, or one seen earlier) continues after the last
 *   position seen, whichever edge answers; what arrives twice is dropped, so a handler sees every offset at most once, in order.
 *   `headers.filter` leaves at the server what is not wanted: an object of field to value or list of values, as text
 *   (`JSON.stringify({ actor: 'anna', 'attributes.status': [500, 503] })`) or itself, or a CEL expression (`"severity_number >= 17"`).
 *   `headers.selector` does the same for the series of `statistics.<name>`: `{host=~"web-.*",unit!=""}`, as Prometheus writes it.
 *   `headers.limit` asks for the newest n only, at every registration. `position(address)` is what to keep for the next page load.
 *
 * OPTIONS
 *   token          an API token, or a (possibly async) function that answers one before each connect; sent as subprotocol, so that it
 *                  stands in no URL. A page that has a session cookie needs none.
 *   WebSocket      constructor to use instead of the global one
 *   reconnect      true
 *   heartbeatMs    25000 (= vertxbus_ping_interval; 0 turns it off): after so long without a frame the client asks for a sign of life
 *   heartbeatTimeoutMs  10000: without an answer within this the connection is dead and is replaced
 *   delayMinMs, delayMaxMs, exponent   500, 20000, 2: back-off with full jitter, a random time between 0 and
 *                  min(delayMaxMs, delayMinMs * exponent^attempt). A hint of the server ("reconnect in n ms") is obeyed instead.
 *   batch          false; true asks the server to put several publications into one frame where it can (`headers.batch`). Frames with
 *                  several are understood in any case
 *
 * EVENTS (an EventTarget; the data is in `event.detail`)
 *   state     {state: 'connecting' | 'open' | 'waiting' | 'closed', attempt, delayMs, retryAt, code, reason, terminal}
 *   welcome   first frame of a session: {session, node, principal, idleMs, topics}
 *   resumed   after a reconnect or a new incarnation, per address: {address, recovered, replay, skipped, reason, position}; `replay` publications follow
 *             (with a filter replay is -1: how many of the `search` old publications match is told by `replayed`)
 *   progress  while old publications arrive or are looked through: {address, done, total}, at the beginning, at the end and about a hundred
 *             times between; `done` equals `total` at the end
 *   replayed  the last of them arrived: {address, replay}
 *   gap       {address, missed, from, to, reason}: publications that this client did not get and will not. reason: epoch (another
 *             incarnation of the trail), future, retention, erased, limit (cut by headers.limit) or hole; missed is -1 when it is unknown
 *   sampled   {address, rate, skipped}: records come faster than the edge sends them out in full; rate is `1/8` and `skipped` were left out
 *             before this one (`1/1`: the sample is over). `headers.sampling: "none"` at the registration gets all of them
 *   head      {address, position, lag}: newest position of a topic, once a second, and how far behind we are
 *
 * CLOSE CODES after which it stays closed, because trying again would change nothing: 1002, 1003, 1007, 1009, 4400 (we broke the protocol),
 * 4401 (token missing, bad or expired), 4403 (not allowed). All others lead to another attempt; 4408 (we read too slowly), 4410 (idle),
 * 4429 (we sent too fast) and 4503 (edge is full) after a longer delay.
 *
 * Types of all this are in `vedette.d.ts` beside this file.
 *
 * In a page it notices when the tab is shown again or the network is back: it then checks the connection, or connects, at once.
 */

const TERMINAL = new Set([1002, 1003, 1007, 1009, 4400, 4401, 4403]);
const PATIENT = new Set([4408, 4410, 4429, 4503]);
const SUBPROTOCOL = 'vedette.v1';
/** Only a connection that lasted works: a refused one opens too, and a broken one may say a frame or two before it ends. */
const STABLE_MS = 5_000;
const WAKE_TIMEOUT_MS = 4_000;
/** Time for a handshake, the token's check included. */
const CONNECT_TIMEOUT_MS = 15_000;
const RETRY_REGISTER_MS = 1_000;
const MAX_RETRY_REGISTER_MS = 15_000;

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

export class EventBus extends EventTarget {
  static CONNECTING = CONNECTING;
  static OPEN = OPEN;
  static CLOSING = CLOSING;
  static CLOSED = CLOSED;

  #url;
  #options;
  #WebSocket;
  #socket = null;
  #opened = false;
  #attempt = 0;
  #reconnect;
  #pinging = true;
  #connects = 0;
  #retryTimer;
  #stableTimer;
  #connectTimer;
  #beatTimer;
  #deadTimer;
  #heardAt = 0;
  #subscriptions = new Map();
  #replies = new Map();
  #unlisten = [];

  constructor(url, options = {}) {
    super();
    this.#url = absolute(url);
    this.#options = {
      token: options.token,
      heartbeatMs: options.heartbeatMs ?? options.vertxbus_ping_interval ?? 25_000,
      heartbeatTimeoutMs: options.heartbeatTimeoutMs ?? 10_000,
      delayMinMs: options.delayMinMs ?? options.vertxbus_reconnect_delay_min ?? 500,
      delayMaxMs: options.delayMaxMs ?? options.vertxbus_reconnect_delay_max ?? 20_000,
      exponent: options.exponent ?? options.vertxbus_reconnect_exponent ?? 2,
      attempts: options.vertxbus_reconnect_attempts_max ?? Infinity,
      batch: options.batch ?? false,
      random: options.random ?? Math.random,
    };
    this.#reconnect = options.reconnect ?? true;
    this.#WebSocket = options.WebSocket ?? globalThis.WebSocket;
    if (!this.#WebSocket) {
      throw new Error('no WebSocket here: pass a constructor, new EventBus(url, { WebSocket })');
    }
    this.state = CONNECTING;
    this.defaultHeaders = null;
    this.onopen = null;
    this.onclose = null;
    this.onreconnect = null;
    this.onerror = (error) => console.error(error);
    this.onevent = () => false;
    this.onunhandled = (frame) => (frame.type === 'err' ? this.onerror?.(frame) : console.warn('no handler for', frame));
    this.#listenToPage();
    // Handlers that the caller sets right behind the constructor must not miss anything.
    queueMicrotask(() => this.state === CONNECTING && this.#connect());
  }

  /** Last position seen at an address, null before the first. */
  position(address) {
    return this.#subscriptions.get(address)?.position ?? null;
  }

  registerHandler(address, headers, callback) {
    if (typeof headers === 'function') {
      [headers, callback] = [{}, headers];
    }
    if (typeof callback !== 'function') {
      throw new TypeError('registerHandler: callback: ' + callback + ' (expected: a function)');
    }
    const known = this.#subscriptions.get(address);
    if (known) {
      known.handlers.push(callback);
      return;
    }
    const wanted = { ...this.defaultHeaders, ...headers };
    const asked = wanted.position !== undefined && wanted.position !== null;
    const subscription = {
      address,
      headers: wanted,
      handlers: [callback],
      asked,
      filtered: wanted.filter !== undefined && wanted.filter !== null,
      position: asked && wanted.position !== 'new' ? String(wanted.position) : null,
      registered: false,
      resuming: false,
      replayed: 0,
      replayLeft: 0,
      progress: null,
      retries: 0,
      retryTimer: undefined,
    };
    this.#subscriptions.set(address, subscription);
    if (this.state === OPEN) {
      this.#register(subscription);
    }
  }

  unregisterHandler(address, headers, callback) {
    if (typeof headers === 'function') {
      callback = headers;
    }
    const subscription = this.#subscriptions.get(address);
    const at = subscription ? subscription.handlers.indexOf(callback) : -1;
    if (at < 0) {
      return;
    }
    subscription.handlers.splice(at, 1);
    if (subscription.handlers.length === 0) {
      clearTimeout(subscription.retryTimer);
      this.#subscriptions.delete(address);
      if (this.state === OPEN) {
        this.#write({ type: 'unregister', address });
      }
    }
  }

  send(address, body, headers, callback) {
    if (typeof headers === 'function') {
      [headers, callback] = [{}, headers];
    }
    this.#mustBeOpen();
    const frame = { type: 'send', address, headers: { ...this.defaultHeaders, ...headers }, body };
    if (callback) {
      frame.replyAddress = uuid();
      this.#replies.set(frame.replyAddress, callback);
    }
    this.#write(frame);
  }

  publish(address, body, headers) {
    this.#mustBeOpen();
    this.#write({ type: 'publish', address, headers: { ...this.defaultHeaders, ...headers }, body });
  }

  /** Ends the connection for good. */
  close() {
    this.#reconnect = false;
    this.#stopTimers();
    this.#unlisten.splice(0).forEach((remove) => remove());
    for (const subscription of this.#subscriptions.values()) {
      clearTimeout(subscription.retryTimer);
    }
    if (this.#socket) {
      this.state = CLOSING;
      this.#socket.close(1000, 'client closed');
    } else {
      this.#closedForGood(1000, 'client closed');
    }
  }

  enableReconnect(enable) {
    this.#reconnect = enable;
    if (!enable && this.#retryTimer !== undefined) {
      clearTimeout(this.#retryTimer);
      this.#retryTimer = undefined;
      this.#attempt = 0;
      this.#closedForGood(1000, 'reconnect turned off');
    }
  }

  /** Whether silence makes the client ask for a sign of life; as last said, for later connections as well. */
  enablePing(enable) {
    clearTimeout(this.#beatTimer);
    this.#pinging = enable;
    if (this.state === OPEN) {
      this.#scheduleBeat();
    }
  }

  /** Connects now instead of waiting for the next attempt. */
  reconnectNow() {
    if (this.#retryTimer !== undefined) {
      clearTimeout(this.#retryTimer);
      this.#retryTimer = undefined;
      this.#connect();
    }
  }

  // connection

  async #connect() {
    this.state = CONNECTING;
    this.#tell('state', { state: 'connecting', attempt: this.#attempt });
    const mine = ++this.#connects;
    // The token is part of it: a function that never answers must not end the attempts.
    this.#connectTimer = setTimeout(() => mine === this.#connects && this.#abandon('no handshake in time'), CONNECT_TIMEOUT_MS);
    let socket;
    try {
      const protocols = [SUBPROTOCOL];
      const token = typeof this.#options.token === 'function' ? await this.#options.token() : this.#options.token;
      if (token) {
        protocols.push('bearer.' + token);
      }
      if (this.state !== CONNECTING || mine !== this.#connects) {
        return;
      }
      socket = new this.#WebSocket(this.#url, protocols);
    } catch (error) {
      if (this.state !== CONNECTING || mine !== this.#connects) {
        return;
      }
      this.onerror?.(error);
      this.#lost(1006, String(error?.message ?? error));
      return;
    }
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    // A socket that was given up may still speak; only the current one is heard.
    const current = () => this.#socket === socket;
    socket.onopen = () => current() && this.#onOpen();
    socket.onmessage = (event) => current() && this.#onMessage(event.data);
    socket.onerror = () => {};
    socket.onclose = (event) => current() && this.#lost(event.code, event.reason ?? '');
  }

  #onOpen() {
    clearTimeout(this.#connectTimer);
    this.state = OPEN;
    this.#heardAt = now();
    this.#scheduleBeat();
    this.#stableTimer = setTimeout(() => (this.#attempt = 0), STABLE_MS);
    for (const subscription of this.#subscriptions.values()) {
      this.#register(subscription);
    }
    const first = !this.#opened;
    this.#opened = true;
    this.#tell('state', { state: 'open', attempt: this.#attempt });
    if (first) {
      this.onopen?.();
    } else {
      this.onreconnect?.();
    }
  }

  #lost(code, reason) {
    this.#stopTimers();
    this.#socket = null;
    const replies = [...this.#replies.values()];
    this.#replies.clear();
    for (const subscription of this.#subscriptions.values()) {
      clearTimeout(subscription.retryTimer);
      subscription.registered = false;
    }
    replies.forEach((callback) => callback({ failureCode: -1, failureType: 'CLOSED', message: 'connection closed before the answer' }));
    const terminal = TERMINAL.has(code) || !this.#reconnect || this.#attempt >= this.#options.attempts;
    if (terminal) {
      this.#closedForGood(code, reason, TERMINAL.has(code));
      return;
    }
    this.state = CLOSED;
    const delayMs = this.#delay(code, reason);
    this.#attempt++;
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#connect();
    }, delayMs);
    this.#tell('state', { state: 'waiting', attempt: this.#attempt, delayMs, retryAt: Date.now() + delayMs, code, reason, terminal: false });
    this.onclose?.({ code, reason, wasClean: code !== 1006 });
  }

  #closedForGood(code, reason, terminal = false) {
    this.state = CLOSED;
    this.#tell('state', { state: 'closed', attempt: this.#attempt, code, reason, terminal });
    this.onclose?.({ code, reason, wasClean: code !== 1006 });
  }

  #delay(code, reason) {
    const hint = /reconnect in (\d{1,6}) ms/.exec(reason);
    if (hint) {
      return Number(hint[1]);
    }
    const { delayMinMs, delayMaxMs, exponent, random } = this.#options;
    const attempt = this.#attempt + (PATIENT.has(code) ? 3 : 0);
    return Math.round(random() * Math.min(delayMaxMs, delayMinMs * exponent ** attempt));
  }

  /** Gives a silent connection up at once; its close handshake could take minutes. */
  #abandon(reason) {
    const socket = this.#socket;
    this.#socket = null;
    this.#connects++;
    try {
      socket?.close();
    } catch {
      // It is dead already, which is what we want.
    }
    this.#lost(1006, reason);
  }

  #stopTimers() {
    clearTimeout(this.#beatTimer);
    clearTimeout(this.#deadTimer);
    clearTimeout(this.#stableTimer);
    clearTimeout(this.#connectTimer);
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#deadTimer = undefined;
  }

  // heartbeat

  #scheduleBeat() {
    clearTimeout(this.#beatTimer);
    const every = this.#options.heartbeatMs;
    if (every > 0 && this.#pinging) {
      this.#beatTimer = setTimeout(() => {
        if (now() - this.#heardAt >= every - 50) {
          this.#ask(this.#options.heartbeatTimeoutMs);
        }
        this.#scheduleBeat();
      }, Math.max(50, every - (now() - this.#heardAt)));
      this.#beatTimer.unref?.();
    }
  }

  #ask(timeoutMs) {
    if (this.state !== OPEN || this.#deadTimer !== undefined) {
      return;
    }
    this.#write({ type: 'ping' });
    this.#deadTimer = setTimeout(() => {
      this.#deadTimer = undefined;
      this.#abandon('no sign of life within ' + timeoutMs + ' ms');
    }, timeoutMs);
  }

  #listenToPage() {
    const wake = () => {
      if (globalThis.document?.visibilityState === 'hidden') {
        return;
      }
      if (this.state === OPEN && now() - this.#heardAt > 2_000) {
        this.#ask(WAKE_TIMEOUT_MS);
      }
      this.reconnectNow();
    };
    const listen = (target, name) => {
      if (typeof target?.addEventListener === 'function') {
        target.addEventListener(name, wake);
        this.#unlisten.push(() => target.removeEventListener(name, wake));
      }
    };
    if (globalThis.document) {
      listen(globalThis.document, 'visibilitychange');
      listen(globalThis.window, 'online');
      listen(globalThis.window, 'pageshow');
    }
  }

  // frames

  #onMessage(data) {
    this.#heardAt = now();
    if (this.#deadTimer !== undefined) {
      clearTimeout(this.#deadTimer);
      this.#deadTimer = undefined;
    }
    let frame;
    try {
      frame = JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data));
    } catch (error) {
      this.onerror?.({ type: 'err', failureType: String(error), message: data });
      return;
    }
    this.#dispatch(frame);
  }

  #dispatch(frame) {
    if (Array.isArray(frame)) {
      frame.forEach((one) => this.#dispatch(one));
      return;
    }
    switch (frame.type) {
      case 'batch':
        (frame.frames ?? frame.messages ?? []).forEach((one) => this.#dispatch(one));
        return;
      case 'pong':
        return;
      case 'welcome':
        this.#tell('welcome', frame);
        return;
      case 'registered':
        this.#onRegistered(frame);
        return;
      case 'replayed':
        this.#onReplayed(frame);
        return;
      case 'head':
        this.#onHead(frame);
        return;
      default:
        this.#onPublication(frame);
    }
  }

  #register(subscription) {
    const headers = { ...subscription.headers };
    if (subscription.asked) {
      headers.position = subscription.position ?? 'new';
    }
    if (this.#options.batch && headers.batch === undefined) {
      headers.batch = 'true';
    }
    subscription.resuming = subscription.position !== null && subscription.asked;
    this.#write({ type: 'register', address: subscription.address, headers });
  }

  #onRegistered(frame) {
    const subscription = this.#subscriptions.get(frame.address);
    if (!subscription) {
      return;
    }
    // The topic began anew under a live subscription: we are told as after a reconnect, unasked.
    if (subscription.registered && subscription.asked) {
      subscription.resuming = true;
    }
    subscription.registered = true;
    subscription.retries = 0;
    const before = parse(subscription.position);
    const from = parse(frame.position);
    const replay = frame.filtered ? -1 : (frame.replay ?? 0);
    const sameEpoch = before && from && before.epoch === from.epoch;
    const skipped = sameEpoch ? Math.max(0, from.offset - before.offset) : 0;
    if (from?.epoch === 'state') {
      subscription.resuming = false; // latest values: the snapshot that follows is all there is to catch up with
    }
    if (subscription.resuming) {
      const detail = { address: frame.address, recovered: frame.recovered === true, replay, skipped, reason: frame.reason ?? null, position: frame.position };
      if (frame.filtered) {
        detail.search = frame.search;
      }
      this.#tell('resumed', detail);
      if (!detail.recovered) {
        this.#tell('gap', { address: frame.address, missed: sameEpoch && detail.reason !== 'future' ? skipped : -1, from: subscription.position, to: frame.position, reason: detail.reason ?? 'hole' });
      }
    }
    // From here on we stand where the server says: what follows is counted from there.
    subscription.position = frame.position ?? subscription.position;
    subscription.replayed = replay;
    subscription.replayLeft = replay;
    const total = frame.filtered ? frame.search : replay;
    subscription.progress = total > 0 && from && from.epoch !== 'state' ? { from, total, told: 0 } : null;
    if (subscription.progress) {
      this.#tell('progress', { address: frame.address, done: 0, total });
    }
    if (replay === 0 && subscription.resuming) {
      this.#tell('replayed', { address: frame.address, replay: 0 });
    }
  }

  /** A search through old publications is at its end. */
  #onReplayed(frame) {
    const subscription = this.#subscriptions.get(frame.address);
    if (subscription) {
      subscription.position = frame.position;
      this.#progressed(subscription, parse(frame.position), true);
      if (subscription.resuming) {
        this.#tell('replayed', { address: frame.address, replay: frame.replay });
      }
    }
  }

  #onHead(frame) {
    const subscription = this.#subscriptions.get(frame.address);
    if (!subscription) {
      return;
    }
    const head = parse(frame.position);
    const reached = parse(frame.reached);
    let mine = parse(subscription.position);
    if (reached && (!mine || mine.epoch !== reached.epoch || mine.offset < reached.offset)) {
      subscription.position = frame.reached;
      mine = reached;
    }
    if (reached) {
      this.#progressed(subscription, reached);
    }
    this.#tell('head', { address: frame.address, position: frame.position, lag: mine && head && mine.epoch === head.epoch ? Math.max(0, head.offset - mine.offset) : null });
  }

  /** Old publications up to here have arrived, or were looked through. */
  #progressed(subscription, at, ended = false) {
    const progress = subscription.progress;
    if (!progress || !at || at.epoch !== progress.from.epoch) {
      return;
    }
    // What is published while a search goes on is looked through by it, too.
    const done = ended ? progress.total : Math.min(progress.total, at.offset - progress.from.offset);
    const enough = done >= progress.told + Math.max(1, progress.total / 100);
    if (done >= progress.total && (ended || !subscription.filtered)) {
      subscription.progress = null;
    } else if (!enough) {
      return;
    }
    progress.told = done;
    this.#tell('progress', { address: subscription.address, done, total: progress.total });
  }

  #onPublication(frame) {
    if (frame.replyAddress) {
      Object.defineProperty(frame, 'reply', { value: (body, headers, callback) => this.send(frame.replyAddress, body, headers, callback) });
    }
    const subscription = this.#subscriptions.get(frame.address);
    if (subscription) {
      if (frame.type === 'err') {
        this.#refused(subscription, frame);
      } else if (this.#isNext(subscription, frame)) {
        this.#deliver(subscription, null, frame);
        this.#progressed(subscription, parse(frame.headers?.position));
        if (subscription.replayLeft > 0 && --subscription.replayLeft === 0 && subscription.resuming) {
          this.#tell('replayed', { address: frame.address, replay: subscription.replayed });
        }
      }
      return;
    }
    const callback = this.#replies.get(frame.address);
    if (callback) {
      this.#replies.delete(frame.address);
      frame.type === 'err' ? callback(failure(frame)) : callback(null, frame);
    } else if (!frame.event || !this.onevent?.(frame.event, frame.message)) {
      this.onunhandled?.(frame);
    }
  }

  /** Whether a publication is new to us; tells of offsets that were left out. */
  #isNext(subscription, frame) {
    const position = frame.headers?.position;
    const at = parse(position);
    if (!at || at.epoch === 'state') {
      return true;
    }
    const sampled = frame.headers.sampled;
    if (sampled !== undefined && Number(frame.headers.skipped) > 0) {
      this.#tell('sampled', { address: frame.address, rate: sampled, skipped: Number(frame.headers.skipped) });
    }
    const last = parse(subscription.position);
    if (last && last.epoch === at.epoch) {
      if (at.offset <= last.offset) {
        return false;
      }
      if (subscription.asked && !subscription.filtered && at.offset > last.offset + 1 && sampled === undefined) {
        this.#tell('gap', { address: frame.address, missed: at.offset - last.offset - 1, from: subscription.position, to: position, reason: 'hole' });
      }
    }
    subscription.position = position;
    return true;
  }

  #refused(subscription, frame) {
    if (frame.body === 'registration_failure') {
      subscription.registered = false;
      const delayMs = Math.min(MAX_RETRY_REGISTER_MS, RETRY_REGISTER_MS * 2 ** subscription.retries++);
      clearTimeout(subscription.retryTimer);
      subscription.retryTimer = setTimeout(() => {
        if (this.state === OPEN && this.#subscriptions.get(subscription.address) === subscription) {
          this.#register(subscription);
        }
      }, delayMs / 2 + (delayMs / 2) * this.#options.random());
      return;
    }
    this.#deliver(subscription, failure(frame), undefined);
  }

  #deliver(subscription, error, message) {
    for (const handler of [...subscription.handlers]) {
      try {
        error ? handler(error) : handler(null, message);
      } catch (thrown) {
        // One handler's mistake must not keep the publication from the others.
        this.onerror?.(thrown);
      }
    }
  }

  #write(frame) {
    this.#socket?.send(JSON.stringify(frame));
  }

  #mustBeOpen() {
    if (this.state !== OPEN) {
      throw new Error('INVALID_STATE_ERR');
    }
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

export default EventBus;

/** A position `epoch:offset`, null when it is none. */
function parse(position) {
  const colon = typeof position === 'string' ? position.lastIndexOf(':') : -1;
  const offset = colon < 0 ? NaN : Number(position.slice(colon + 1));
  return Number.isInteger(offset) ? { epoch: position.slice(0, colon), offset } : null;
}

function failure(frame) {
  return { failureCode: frame.failureCode ?? -1, failureType: frame.failureType ?? frame.body ?? 'ERROR', message: frame.message ?? frame.body ?? '', code: frame.body };
}

function absolute(url) {
  const resolved = new URL(url, globalThis.location?.href);
  resolved.protocol = resolved.protocol.replace(/^http/, 'ws');
  resolved.hash = '';
  return resolved.href;
}

function now() {
  return globalThis.performance?.now() ?? Date.now();
}

function uuid() {
  return (
    globalThis.crypto?.randomUUID?.() ??
    'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => ((Math.random() * 16) | 0).toString(16))
  );
}
