import { EventBus } from '/client/vedette.js';
import { api } from './api.js';
import { SeriesStore, SPAN_MS } from './series.js';

const MAX_ALERTS = 500;
const MAX_NOTIFICATIONS = 200;
/** Resolved alerts stay readable for a while. */
const RESOLVED_SHOWN_MS = 30 * 60_000;
const NOTICE_MS = 10_000;
const RECORDS_KEPT = 500;
/** Faster than this nobody reads. */
const REDRAW_MS = 150;
const STATISTIC = 'host';

/**
 * What the page knows, and the one connection it comes from. Tells what changed by events: connection, session, series, alerts, notifications, records, node. Every collection is bounded.
 */
export class Model extends EventTarget {
  series = new SeriesStore();
  alerts = new Map();
  notifications = new Map();
  /** undefined: not known yet; null: nobody signed in. */
  session = undefined;
  sessionTrouble = null;
  connection = { state: 'connecting', attempt: 0 };
  notice = null;
  gap = null;
  /** Replays under way, by address: {done, total}. */
  progress = new Map();
  /** While records come faster than the edge sends them out in full. */
  sample = null;
  node = null;
  loaded = { series: false, alerts: false, notifications: false };
  troubles = {};
  records = 0;
  bus = null;
  #resumes = null;
  #pending = [];
  #frameAsked = false;
  #shownAt = 0;

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  mayOperate() {
    return Boolean(this.session?.roles?.some((role) => role === 'operator' || role === 'admin'));
  }

  // session

  /** Takes the token out of the address bar before anything else can see it. */
  async begin() {
    const fragment = /^#token=([^&/]+)(?:&to=)?(.*)$/.exec(location.hash);
    if (fragment) {
      history.replaceState(null, '', location.pathname + location.search + (fragment[2] ? '#' + fragment[2] : ''));
      await this.signIn(decodeURIComponent(fragment[1]));
      return;
    }
    await this.#whoAmI();
  }

  async #whoAmI() {
    try {
      this.#enter(await api.get('/session'));
    } catch (trouble) {
      if (trouble.status === 401 || trouble.status === 403) {
        this.#leave(null);
      } else {
        this.sessionTrouble = trouble.message;
        this.tell('session');
        setTimeout(() => this.session === undefined && this.#whoAmI(), 3_000);
      }
    }
  }

  async signIn(token) {
    try {
      this.#enter(await api.post('/session', { token }));
    } catch (trouble) {
      this.#leave(trouble.message);
    }
  }

  async signOut() {
    this.bus?.close();
    this.bus = null;
    try {
      await api.delete('/session');
    } finally {
      location.reload();
    }
  }

  #enter(session) {
    this.session = session;
    this.sessionTrouble = null;
    this.tell('session');
    if (!this.bus) {
      this.#connect();
    }
  }

  #leave(trouble) {
    this.session = null;
    this.sessionTrouble = trouble;
    this.bus?.close();
    this.bus = null;
    this.tell('session');
  }

  // connection

  #connect() {
    const bus = new EventBus('/monitor', { batch: true });
    this.bus = bus;
    let lastState = '';
    bus.onerror = (problem) => console.warn('vedette:', problem?.message ?? problem);
    bus.onunhandled = () => {};
    bus.addEventListener('state', ({ detail }) => {
      this.connection = detail;
      if (detail.state === 'waiting' && lastState === 'open') {
        this.#resumes = { replay: 0, skipped: 0, lost: false, downAt: Date.now(), topics: 0 };
      }
      if (detail.state !== 'open') this.progress.clear();
      if (detail.state === 'open' || detail.state === 'waiting') lastState = detail.state;
      if (detail.state === 'closed' && detail.terminal && this.bus === bus) {
        this.bus = null;
        if (detail.code === 4401 || detail.code === 4403) {
          this.#leave(detail.reason || 'the session has ended');
        }
      }
      this.tell('connection');
    });
    bus.addEventListener('welcome', ({ detail }) => {
      this.node = { ...this.node, id: detail.node };
      this.#readNode();
    });
    bus.addEventListener('resumed', ({ detail }) => this.#resumed(detail));
    bus.addEventListener('progress', ({ detail }) => this.#progressed(detail));
    bus.addEventListener('gap', ({ detail }) => this.#gap(detail));
    bus.addEventListener('sampled', ({ detail }) => this.#sampled(detail));
    bus.onopen = () => this.#load();
    bus.onreconnect = () => this.#load();
    bus.registerHandler('statistics.' + STATISTIC, { position: 'new' }, (error, message) => {
      if (error) return this.#trouble('series', error);
      this.series.update(message.body);
      this.loaded.series = true;
      this.tell('series');
    });
    bus.registerHandler('records', { position: 'new', limit: String(RECORDS_KEPT) }, (error, message) => {
      if (error) return this.#trouble('records', error);
      this.#record(message.body);
    });
    bus.registerHandler('alerts', { position: 'new' }, (error, message) => {
      if (error) return this.#trouble('alerts', error);
      this.#alert(message.body, true);
      this.tell('alerts');
    });
    bus.registerHandler('notifications', { position: 'new', limit: '100' }, (error, message) => {
      if (error) return this.#trouble('notifications', error);
      this.#notification(message.body);
      this.tell('notifications');
    });
    const nodes = new Map();
    bus.registerHandler('cluster', (error, message) => {
      if (error) return;
      const { snapshot, values = [], expired = [] } = message.body;
      if (snapshot) nodes.clear();
      values.forEach((value) => nodes.set((value.node ?? value).id, value.node ?? value));
      expired.forEach((id) => nodes.delete(id));
      this.#nodes([...nodes.values()]);
    });
  }

  #resumed({ address, replay, skipped }) {
    if (this.#resumes === null) return;
    this.#resumes.replay += replay;
    this.#resumes.skipped += skipped;
    this.#resumes.topics++;
    this.notice = { replay: this.#resumes.replay, skipped: this.#resumes.skipped, downMs: Date.now() - this.#resumes.downAt, address };
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => {
      this.notice = null;
      this.tell('connection');
    }, NOTICE_MS);
    this.tell('connection');
  }

  #progressed({ address, done, total }) {
    done < total ? this.progress.set(address, { done, total }) : this.progress.delete(address);
    this.tell('connection');
  }

  #gap({ address, missed, reason }) {
    // The list shows the newest only, so what a limit cut from it is said with the resume and is no loss.
    if (reason === 'limit') return;
    this.gap = { address, missed, reason, at: Date.now() };
    // What was listed so far belongs to another history; its indices may name other records now.
    if (address === 'records' && (reason === 'epoch' || reason === 'future')) this.tell('forget-records');
    if (address === 'alerts') this.#loadAlerts();
    this.tell('connection');
  }

  #sampled({ rate, skipped }) {
    this.sample = { rate, skipped: (this.sample?.skipped ?? 0) + skipped, at: Date.now() };
    clearTimeout(this.sampleTimer);
    this.sampleTimer = setTimeout(() => {
      this.sample = null;
      this.tell('connection');
    }, NOTICE_MS);
    if (performance.now() - (this.sampleToldAt ?? 0) > 1_000) {
      this.sampleToldAt = performance.now();
      this.tell('connection');
    }
  }

  forgetGap() {
    this.gap = null;
    this.tell('connection');
  }

  #trouble(part, error) {
    this.troubles[part] = error.message;
    this.tell(part);
  }

  // what is read over HTTP, after every connect

  #load() {
    this.#loadSeries();
    this.#loadAlerts();
  }

  async #loadSeries() {
    try {
      const since = Math.max(Date.now() - SPAN_MS, 0);
      this.series.history(await api.get('/statistics/' + STATISTIC + '?since=' + since));
      delete this.troubles.series;
    } catch (trouble) {
      this.#refused('series', trouble);
    }
    this.loaded.series = true;
    this.tell('series', { all: true });
  }

  async #loadAlerts() {
    try {
      const { alerts } = await api.get('/alerts?resolved=true&limit=200');
      for (const alert of alerts.reverse()) this.#alert(alert, false);
      delete this.troubles.alerts;
    } catch (trouble) {
      this.#refused('alerts', trouble);
    }
    this.loaded.alerts = true;
    this.loaded.notifications = true;
    this.tell('alerts');
    this.tell('notifications');
  }

  async #readNode() {
    try {
      this.#nodes((await api.get('/cluster')).nodes ?? []);
    } catch {
      // Only the instance's name hangs on it; the page says the rest.
    }
  }

  #nodes(nodes) {
    this.node = { ...this.node, all: nodes };
    const mine = nodes.find((node) => node.id === this.node.id) ?? nodes[0];
    if (mine) {
      this.node = { ...this.node, host: mine.host, version: mine.version };
    }
    this.tell('node');
  }

  #refused(part, trouble) {
    this.troubles[part] = trouble.message;
    if (trouble.status === 401) this.#leave('the session has ended: ' + trouble.message);
  }

  // what arrives

  #alert(alert, live) {
    const known = this.alerts.get(alert.fingerprint);
    if (known && Date.parse(known.updatedAt) > Date.parse(alert.updatedAt)) return;
    this.alerts.delete(alert.fingerprint);
    this.alerts.set(alert.fingerprint, live && known?.state !== alert.state ? { ...alert, changedMs: Date.now() } : alert);
    while (this.alerts.size > MAX_ALERTS) {
      const oldest = [...this.alerts.values()].find((one) => one.state === 'resolved') ?? this.alerts.values().next().value;
      this.alerts.delete(oldest.fingerprint);
    }
  }

  /** Firing first, then acknowledged, then what resolved lately; each by severity and age. */
  shownAlerts(nowMs = Date.now()) {
    const rank = { critical: 0, error: 1, warning: 2, warn: 2, info: 3 };
    const order = { firing: 0, acknowledged: 1, resolved: 2 };
    return [...this.alerts.values()]
      .filter((alert) => alert.state !== 'resolved' || nowMs - Date.parse(alert.endsAt ?? alert.updatedAt) < RESOLVED_SHOWN_MS)
      .sort(
        (a, b) =>
          (order[a.state] ?? 1) - (order[b.state] ?? 1) ||
          (a.state === 'resolved' ? 0 : (rank[a.labels?.severity] ?? 2) - (rank[b.labels?.severity] ?? 2)) ||
          Date.parse(b.updatedAt) - Date.parse(a.updatedAt),
      );
  }

  #notification(one) {
    this.loaded.notifications = true;
    this.notifications.delete(one.id);
    this.notifications.set(one.id, one);
    while (this.notifications.size > MAX_NOTIFICATIONS) {
      this.notifications.delete(this.notifications.keys().next().value);
    }
  }

  shownNotifications(fingerprint) {
    const all = [...this.notifications.values()].reverse();
    return fingerprint ? all.filter((one) => one.alerts?.includes(fingerprint)) : all;
  }

  /** Records come one message each but are handed on together, a few times a second. */
  #record(body) {
    this.#pending.push(body);
    this.records++;
    if (this.#pending.length > 2 * RECORDS_KEPT) {
      this.#pending.splice(0, this.#pending.length - RECORDS_KEPT);
    }
    if (!this.#frameAsked) {
      this.#frameAsked = true;
      // A hidden page gets no animation frames; what it gathers is bounded above.
      const show = () =>
        requestAnimationFrame(() => {
          this.#frameAsked = false;
          this.#shownAt = performance.now();
          this.tell('records', this.#pending.splice(0));
        });
      const sinceMs = performance.now() - this.#shownAt;
      sinceMs >= REDRAW_MS ? show() : setTimeout(show, REDRAW_MS - sinceMs);
    }
  }

  // changes

  async acknowledge(fingerprint) {
    const alert = await api.post('/alerts/' + encodeURIComponent(fingerprint) + '/acknowledge', {});
    if (alert?.fingerprint) {
      this.#alert(alert, true);
      this.tell('alerts');
    }
  }

  async silence(alert, hours) {
    const now = Date.now();
    await api.post('/silences', {
      matchers: Object.entries(alert.labels).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true })),
      startsAt: new Date(now).toISOString(),
      endsAt: new Date(now + hours * 3_600_000).toISOString(),
      createdBy: this.session?.name ?? 'dashboard',
      comment: 'from the dashboard',
    });
  }
}

export const model = new Model();
