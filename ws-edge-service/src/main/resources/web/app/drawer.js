import { html, nothing } from 'lit';
import { Element } from './element.js';
import { api } from './api.js';
import { model } from './model.js';
import { count, duration, leaves, line, severity, time } from './format.js';
import { labels, measured, name } from './alerts.js';
import { notification } from './notifications.js';

const PAGE = 100;
const MAX_LISTED = 1_000;
const SAMPLE_SHOWN = 10;

/** Reads the fragment: #/records/7, #/records/7-12, #/alerts/<fingerprint>, #/notifications/<fingerprint>. */
function route() {
  const [, kind, rest] = /^#\/(records|alerts|notifications)(?:\/(.*))?$/.exec(location.hash) ?? [];
  if (!kind) return null;
  const id = rest ? decodeURIComponent(rest) : '';
  const range = /^(\d+)-(\d+)$/.exec(id);
  if (kind === 'records') {
    if (range) return { kind: 'range', from: Number(range[1]), to: Math.max(Number(range[1]), Number(range[2])) };
    return /^\d+$/.test(id) ? { kind: 'record', index: Number(id) } : null;
  }
  return { kind, id };
}

/** The details of what the address names, over the page. */
class Drawer extends Element {
  static watches = ['alerts', 'notifications', 'session'];
  static tickMs = 5000;
  static properties = { at: { state: true }, data: { state: true }, trouble: { state: true }, busy: { state: true } };
  #asked = 0;
  #hash = () => this.#open();

  connectedCallback() {
    super.connectedCallback();
    addEventListener('hashchange', this.#hash);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener('hashchange', this.#hash);
  }

  firstUpdated() {
    this.#open();
  }

  #close() {
    history.pushState(null, '', location.pathname + location.search);
    this.#open();
  }

  async #open() {
    const at = route();
    const asked = ++this.#asked;
    this.at = at;
    this.data = null;
    this.trouble = null;
    await this.updateComplete;
    const dialog = this.querySelector('dialog');
    if (!at) {
      dialog.close();
      return;
    }
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    try {
      const data = await this.#read(at, asked);
      if (asked === this.#asked) this.data = data;
    } catch (trouble) {
      if (asked === this.#asked) this.trouble = trouble.message;
    }
  }

  async #read(at, asked) {
    if (at.kind === 'record') {
      const body = await api.get('/records/' + at.index);
      const proof = (await api.offers('/records/{index}/proof')) && (await api.exists('/records/' + at.index + '/proof'));
      return { body, proof };
    }
    if (at.kind === 'range') {
      return { rows: await this.#rows(at.from, at.to) };
    }
    if (at.kind === 'alerts' && at.id) {
      const alert = model.alerts.get(at.id) ?? (await this.#unknownAlert(at.id));
      const indices = (alert.sample ?? []).slice(0, SAMPLE_SHOWN);
      const found = await Promise.allSettled(indices.map((index) => api.get('/records/' + index)));
      return { alert, sample: indices.map((index, i) => ({ index, body: found[i].status === 'fulfilled' ? found[i].value : null })) };
    }
    return {};
  }

  async #unknownAlert(fingerprint) {
    const { alerts } = await api.get('/alerts?resolved=true&limit=1000');
    const alert = alerts.find((one) => one.fingerprint === fingerprint);
    if (!alert) throw new Error('no alert with the fingerprint ' + fingerprint + ' is known any more');
    return alert;
  }

  async #rows(from, to) {
    const { records } = await api.get('/records?from=' + from + '&limit=' + Math.min(PAGE, to - from + 1));
    return records.filter((one) => one.index <= to);
  }

  async #more() {
    const rows = this.data.rows;
    this.busy = true;
    try {
      const next = await this.#rows(rows[rows.length - 1].index + 1, this.at.to);
      this.data = { rows: [...rows, ...next], over: next.length === 0 };
    } catch (trouble) {
      this.trouble = trouble.message;
    } finally {
      this.busy = false;
    }
  }

  async #do(deed) {
    this.busy = true;
    this.trouble = null;
    try {
      await deed();
    } catch (trouble) {
      this.trouble = trouble.message;
    } finally {
      this.busy = false;
    }
  }

  render() {
    const title = !this.at ? '' : this.at.kind === 'record' ? 'Record ' + count(this.at.index) : this.at.kind === 'range' ? 'Records ' + count(this.at.from) + ' to ' + count(this.at.to) : this.at.kind === 'alerts' ? 'Alert' : 'Notifications';
    return html`
      <dialog aria-labelledby="drawer-title" @cancel=${(event) => {
        event.preventDefault();
        this.#close();
      }} @click=${(event) => event.target.localName === 'dialog' && this.#close()}>
        <div class="drawer">
          <header>
            <h2 id="drawer-title" tabindex="-1" autofocus>${this.at?.kind === 'alerts' && !this.at.id ? 'Alerts' : title}</h2>
            <span class="grow"></span>
            ${this.at?.kind === 'record' ? html`<a class="button small" href=${'#/records/' + Math.max(0, this.at.index - 1)} aria-label="Previous record">‹</a><a class="button small" href=${'#/records/' + (this.at.index + 1)} aria-label="Next record">›</a>` : nothing}
            <button class="quiet" aria-label="Close" @click=${() => this.#close()}>×</button>
          </header>
          ${this.trouble ? html`<p class="problem" role="alert">${this.trouble}</p>` : nothing}
          ${!this.at ? nothing : this.data ? this.#body() : this.trouble ? nothing : html`<p class="nothing shown">Loading …</p>`}
        </div>
      </dialog>
    `;
  }

  #body() {
    switch (this.at.kind) {
      case 'record':
        return this.#record();
      case 'range':
        return this.#range();
      case 'alerts':
        return this.at.id ? this.#alert() : this.#allAlerts();
      default:
        return this.#told(this.at.id);
    }
  }

  #record() {
    const { index, at, record } = this.data.body;
    const level = severity(record);
    const base = '/api/v1/records/' + index;
    return html`
      <p class="lead"><span class="badge" data-level=${level}>${level}</span> <span class="message">${line(record)}</span></p>
      <dl class="facts">
        <dt>Index</dt><dd>${count(index)}</dd>
        ${at ? html`<dt>In the trail since</dt><dd>${time(at, true)} <small>${at}</small></dd>` : nothing}
        ${leaves(record).map(([path, text]) => html`<dt title=${path}>${path}</dt><dd>${text}</dd>`)}
      </dl>
      <p class="links">
        <a class="button" href=${base} target="_blank" rel="noopener">JSON</a>
        <a class="button" href=${base + '/canonical'} target="_blank" rel="noopener">Canonical bytes</a>
        ${this.data.proof ? html`<a class="button" href=${base + '/proof'} target="_blank" rel="noopener">Proof</a>` : nothing}
      </p>
      <details><summary>Raw</summary><pre tabindex="0">${JSON.stringify(record, null, 2)}</pre></details>
    `;
  }

  #rowLinks(rows) {
    return html`<ol class="row-links">
      ${rows.map(({ index, body }) => {
        const record = body?.record;
        return html`<li><a href=${'#/records/' + index} data-level=${record ? severity(record) : 'trace'}>
          <span class="index">${index}</span><span class="time">${record ? time(record.time ?? body.at ?? record.observed, true) : ''}</span><span class="text">${record ? line(record) : 'not in the trail any more'}</span>
        </a></li>`;
      })}
    </ol>`;
  }

  #range() {
    const { rows, over } = this.data;
    const last = rows.length ? rows[rows.length - 1].index : this.at.from;
    const whole = over || rows.length === 0 || last >= this.at.to;
    return html`
      ${rows.length === 0 ? html`<p class="nothing shown">None of these records is in the trail any more</p>` : this.#rowLinks(rows.map((body) => ({ index: body.index, body })))}
      ${whole || rows.length >= MAX_LISTED ? nothing : html`<p class="links"><button ?disabled=${this.busy} @click=${() => this.#more()}>${this.busy ? 'Loading …' : 'Load more'}</button></p>`}
      ${rows.length >= MAX_LISTED ? html`<p class="hint">The page lists ${count(MAX_LISTED)} records at most. <a href=${'#/records/' + (last + 1) + '-' + this.at.to}>Go on from ${count(last + 1)}</a></p>` : nothing}
    `;
  }

  #alert() {
    const alert = model.alerts.get(this.at.id) ?? this.data.alert;
    const over = alert.state === 'resolved';
    const hasRecords = alert.firstIndex !== undefined && alert.firstIndex >= 0;
    const windowMs = alert.window ? Date.parse(alert.window.end) - Date.parse(alert.window.start) : 0;
    const told = model.shownNotifications(alert.fingerprint);
    return html`
      <div class="alert-detail ${alert.state}" data-severity=${alert.labels?.severity ?? 'none'}>
        <p class="lead"><span class="state">${alert.state}</span> <b>${name(alert)}</b></p>
        ${alert.annotations?.summary ? html`<p>${alert.annotations.summary}</p>` : nothing}
        ${alert.annotations?.description ? html`<p class="hint">${alert.annotations.description}</p>` : nothing}
        ${model.mayOperate() && !over
          ? html`<p class="links">
              ${alert.state === 'firing' ? html`<button class="primary" ?disabled=${this.busy} @click=${() => this.#do(() => model.acknowledge(alert.fingerprint))}>Acknowledge</button>` : nothing}
              <button ?disabled=${this.busy} @click=${() => this.#do(() => model.silence(alert, 1))}>Silence for 1 h</button>
            </p>`
          : nothing}
        <dl class="facts">
          ${alert.comparison !== undefined ? html`<dt>Measured</dt><dd>${measured(alert)}</dd>` : nothing}
          <dt>Since</dt><dd>${time(alert.startsAt)} <small>${duration((over ? Date.parse(alert.endsAt) : Date.now()) - Date.parse(alert.startsAt))}</small></dd>
          ${over ? html`<dt>Resolved</dt><dd>${time(alert.endsAt)}</dd>` : nothing}
          ${alert.window ? html`<dt>Window</dt><dd>${time(alert.window.start)} to ${time(alert.window.end)} <small>${duration(windowMs)}</small></dd>` : nothing}
          ${alert.count !== undefined ? html`<dt>In the window</dt><dd>${count(alert.count)} ${hasRecords ? 'records' : 'samples'}${hasRecords ? html`, <a href=${'#/records/' + alert.firstIndex + '-' + alert.lastIndex}>${count(alert.firstIndex)} to ${count(alert.lastIndex)}</a>` : nothing}</dd>` : nothing}
          <dt>Rule</dt><dd>${alert.rule} <small>revision ${alert.revision}${alert.ruleHash ? ', ' + alert.ruleHash.slice(0, 12) : ''}</small></dd>
          ${alert.labels?.severity ? html`<dt>Severity</dt><dd><span class="severity">${alert.labels.severity}</span></dd>` : nothing}
          ${labels(alert).map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}
          ${alert.acknowledgedBy ? html`<dt>Acknowledged by</dt><dd>${alert.acknowledgedBy}</dd>` : nothing}
          ${alert.silencedBy?.length ? html`<dt>Silenced by</dt><dd>${alert.silencedBy.join(', ')}</dd>` : nothing}
          ${alert.inhibitedBy?.length ? html`<dt>Inhibited by</dt><dd>${alert.inhibitedBy.map((one) => html`<a href=${'#/alerts/' + one}>${one.slice(0, 12)}</a> `)}</dd>` : nothing}
          <dt>Receivers</dt><dd>${alert.receivers?.length ? alert.receivers.join(', ') : 'none'}</dd>
          <dt>Fingerprint</dt><dd class="mono">${alert.fingerprint}</dd>
        </dl>
        ${this.data.sample?.length ? html`<h3>Records behind it${alert.sample.length < alert.count ? ', a sample' : ''}</h3>${this.#rowLinks(this.data.sample)}` : nothing}
        <h3>Who was told</h3>
        ${told.length ? html`<ul class="list">${told.map(notification)}</ul>` : html`<p class="hint">Nobody, as far as this page knows.</p>`}
      </div>
    `;
  }

  #allAlerts() {
    return html`<ul class="row-links">${model.shownAlerts().map((alert) => html`<li><a href=${'#/alerts/' + alert.fingerprint}><span class="text"><b>${name(alert)}</b> ${alert.state}</span></a></li>`)}</ul>
      ${model.shownAlerts().length ? nothing : html`<p class="nothing shown">Nothing is wrong</p>`}`;
  }

  #told(fingerprint) {
    const told = model.shownNotifications(fingerprint);
    return told.length ? html`<ul class="list">${told.map(notification)}</ul>` : html`<p class="nothing shown">Nobody has been told${fingerprint ? ' of this alert' : ''}, as far as this page knows</p>`;
  }
}

customElements.define('vd-drawer', Drawer);
