import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Element } from './element.js';
import { model } from './model.js';
import { amount } from './format.js';
import { appearance, colours } from './appearance.js';
import { latest, rates } from './series.js';
import { caption, hasCard, meaning, title } from './metrics.js';
import { spark } from './spark.js';

const MAX_METRICS = 60;
const MAX_LINES = 8;
const EVERY_MS = 2_000;

/** Every metric that has no card of its own, as small multiples: one per name, a line per series. */
class Measurements extends Element {
  #timer;
  #groups = [];
  #inSight = false;
  #observer;
  #names = '';
  #now = () => this.#draw();

  connectedCallback() {
    super.connectedCallback();
    this.#timer = setInterval(this.#now, EVERY_MS);
    appearance.addEventListener('change', this.#now);
    this.#observer = new IntersectionObserver(([entry]) => {
      this.#inSight = entry.isIntersecting;
      this.#draw();
    });
    this.#observer.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    this.#observer.disconnect();
    appearance.removeEventListener('change', this.#now);
  }

  #draw() {
    if (document.visibilityState === 'hidden') return;
    const names = new Map();
    for (const series of model.series.all()) {
      if (!hasCard(series.name)) names.set(series.name, [...(names.get(series.name) ?? []), series]);
    }
    this.#groups = [...names].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true })).slice(0, MAX_METRICS);
    const shape = this.#groups.map(([name, all]) => name + all.length).join();
    if (shape !== this.#names) {
      this.#names = shape;
      this.requestUpdate();
    }
    if (this.#inSight) this.updateComplete.then(() => this.#paint());
  }

  #paint() {
    const c = colours();
    const nowMs = Date.now();
    for (const [name, all] of this.#groups) {
      const tile = this.querySelector('[data-metric="' + CSS.escape(name) + '"]');
      if (!tile) continue;
      const { unit, rate } = meaning(name);
      const lines = all
        .map((series) => ({ series, points: rate ? rates(series.points) : series.points }))
        .sort((a, b) => (latest(b) ?? 0) - (latest(a) ?? 0))
        .slice(0, MAX_LINES)
        .map((line, i) => ({ ...line, colour: c.series[i % 8] }));
      spark(tile.querySelector('canvas'), lines, { nowMs, min: unit === 'ratio' || rate ? 0 : undefined, fill: lines.length === 1 });
      tile.querySelector('b').textContent = amount(latest(lines[0]), unit);
      const list = tile.querySelector('ul');
      const several = lines.length > 1 ? lines : [];
      while (list.children.length > several.length) list.lastChild.remove();
      several.forEach((line, i) => {
        const item = list.children[i] ?? list.appendChild(document.createElement('li'));
        const text = caption(line.series.labels) + ' ' + amount(latest(line), unit);
        if (item.textContent !== text) item.textContent = text;
        item.style.setProperty('--swatch', line.colour);
      });
    }
  }

  render() {
    if (this.#groups.length === 0) return nothing;
    return html`
      <details class="card measurements" open @toggle=${() => this.#draw()}>
        <summary><h2>More measurements</h2><span class="aside">${this.#groups.length} ${this.#groups.length === 1 ? 'metric' : 'metrics'}${model.series.refused ? ', ' + model.series.refused + ' values beyond the page’s bound' : ''}</span></summary>
        <div class="multiples">
          ${repeat(
            this.#groups,
            ([name]) => name,
            ([name]) => html`<figure data-metric=${name} title=${name + (meaning(name).rate ? ', as a rate' : '')}>
              <figcaption><span>${title(name)}</span><b></b></figcaption>
              <canvas aria-hidden="true"></canvas>
              <ul></ul>
            </figure>`,
          )}
        </div>
      </details>
    `;
  }
}

customElements.define('vd-measurements', Measurements);
