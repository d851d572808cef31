import { Element } from './element.js';
import { html } from 'lit';
import { model } from './model.js';
import { parts, count } from './format.js';
import { appearance, colours } from './appearance.js';
import { latest, SPAN_MS } from './series.js';
import { spark } from './spark.js';

const RATE_MS = 5_000;
const BUCKET_MS = 10_000;

/** The figures that matter most, each with its last 15 minutes. Elements stay; only texts and canvases change, once a second. */
const TILES = [
  { id: 'cpu', title: 'CPU', unit: 'ratio', colour: 0, max: 1, series: (s) => s.first('host_cpu_utilisation_ratio', { cpu: 'total' }), warn: 0.9 },
  { id: 'memory', title: 'Memory', unit: 'ratio', colour: 3, max: 1, series: (s) => s.first('host_memory_used_ratio'), warn: 0.9 },
  { id: 'load', title: 'Load, 1 min', unit: 'load', colour: 1, series: (s) => s.first('host_load1') },
  { id: 'disk', title: 'Fullest disk', unit: 'ratio', colour: 2, max: 1, series: (s) => s.named('host_filesystem_used_ratio').sort((a, b) => latest(b) - latest(a))[0], note: (x) => x.labels.mountpoint, warn: 0.85 },
  { id: 'in', title: 'Network in', unit: 'bytes/s', colour: 5, series: (s) => sum(s, 'host_network_receive_bytes_per_second') },
  { id: 'out', title: 'Network out', unit: 'bytes/s', colour: 7, series: (s) => sum(s, 'host_network_transmit_bytes_per_second') },
];

/** One line for all devices but the loopback, whose traffic leaves nobody. */
function sum(store, name) {
  const found = store.named(name).filter((series) => series.labels.device !== 'lo');
  if (found.length < 2) return found[0] ?? null;
  const sums = new Map();
  for (const { points } of found) {
    for (const [at, value] of points) {
      const second = Math.floor(at / 1000) * 1000;
      sums.set(second, (sums.get(second) ?? 0) + value);
    }
  }
  return { labels: {}, points: [...sums].sort((a, b) => a[0] - b[0]) };
}

class Tiles extends Element {
  #timer;
  /** How many records by the second of their log time, so that a replay is no burst. */
  #seconds = new Map();
  #newestAt = 0;
  #ahead = 0;
  #heardAt = 0;
  #records = ({ detail }) => {
    for (const { at, record } of detail) {
      const ms = Date.parse(at ?? record.observed);
      if (Number.isNaN(ms)) continue;
      const second = Math.floor(ms / 1000);
      this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + 1);
      if (ms > this.#newestAt) {
        this.#newestAt = ms;
        this.#ahead = ms - Date.now();
      }
    }
    this.#heardAt = Date.now();
  };
  #now = () => this.#draw();

  connectedCallback() {
    super.connectedCallback();
    this.#timer = setInterval(this.#now, 1000);
    model.addEventListener('records', this.#records);
    model.addEventListener('alerts', this.#now);
    model.addEventListener('series', this.#first);
    appearance.addEventListener('change', this.#now);
  }

  #first = ({ detail }) => detail?.all && this.#draw();

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    model.removeEventListener('records', this.#records);
    model.removeEventListener('alerts', this.#now);
    model.removeEventListener('series', this.#first);
    appearance.removeEventListener('change', this.#now);
  }

  firstUpdated() {
    this.#draw();
  }

  #draw() {
    if (document.visibilityState === 'hidden' || !this.hasUpdated) return;
    const nowMs = Date.now();
    const c = colours();
    for (const tile of TILES) {
      const element = this.querySelector('#tile-' + tile.id);
      const series = tile.series(model.series);
      const value = latest(series);
      const [number, unit] = parts(value, tile.unit);
      set(element, number, unit, series && tile.note ? tile.note(series) : '');
      element.classList.toggle('warn', tile.warn !== undefined && value >= tile.warn);
      spark(element.querySelector('canvas'), series ? [{ points: series.points, colour: c.series[tile.colour] }] : [], { nowMs, min: 0, max: tile.max, fill: true });
    }
    const rate = this.#rate(nowMs);
    const records = this.querySelector('#tile-records');
    set(records, rate < 10 ? rate.toFixed(1).replace('.0', '') : count(Math.round(rate)), '/s', count(model.records) + ' seen');
    spark(records.querySelector('canvas'), [{ points: this.#history(nowMs), colour: c.series[5] }], { nowMs, min: 0, fill: true });
    const firing = [...model.alerts.values()].filter((alert) => alert.state === 'firing').length;
    const taken = [...model.alerts.values()].filter((alert) => alert.state === 'acknowledged').length;
    const alerts = this.querySelector('#tile-alerts');
    set(alerts, model.loaded.alerts ? String(firing) : '–', '', taken ? taken + ' acknowledged' : firing ? 'need a look' : model.loaded.alerts ? 'all quiet' : '');
    alerts.classList.toggle('bad', firing > 0);
  }

  /** Over the last whole seconds, by the server's clock as far as what arrives now shows it: it may differ from ours, or be late. */
  #rate(nowMs) {
    const flows = nowMs - this.#heardAt < 3_000 && this.#ahead > -60_000;
    const end = Math.floor((nowMs + (flows ? this.#ahead : Math.max(0, this.#ahead))) / 1000);
    let sum = 0;
    for (let second = end - RATE_MS / 1000; second < end; second++) sum += this.#seconds.get(second) ?? 0;
    return sum / (RATE_MS / 1000);
  }

  #history(nowMs) {
    const buckets = new Map();
    for (const [second, n] of this.#seconds) {
      if (second * 1000 < nowMs - SPAN_MS) {
        this.#seconds.delete(second);
      } else {
        const bucket = Math.floor((second * 1000) / BUCKET_MS) * BUCKET_MS;
        buckets.set(bucket, (buckets.get(bucket) ?? 0) + n);
      }
    }
    buckets.delete(Math.floor(nowMs / BUCKET_MS) * BUCKET_MS);
    return [...buckets].sort((a, b) => a[0] - b[0]);
  }

  render() {
    return html`
      <div class="tiles" role="group" aria-label="Now">
        <a class="tile" id="tile-alerts" href="#/alerts"><h2>Alerts firing</h2><p><b></b><span></span></p><small></small></a>
        ${TILES.map((tile) => html`<div class="tile" id=${'tile-' + tile.id}><h2>${tile.title}</h2><p><b></b><span></span></p><small></small><canvas aria-hidden="true"></canvas></div>`)}
        <div class="tile" id="tile-records"><h2>Records</h2><p><b></b><span></span></p><small></small><canvas aria-hidden="true"></canvas></div>
      </div>
    `;
  }
}

function set(element, number, unit, note) {
  const [b, span] = element.querySelector('p').children;
  if (b.textContent !== number) b.textContent = number;
  if (span.textContent !== unit) span.textContent = unit;
  const small = element.querySelector('small');
  if (small.textContent !== note) small.textContent = note;
}

customElements.define('vd-tiles', Tiles);
