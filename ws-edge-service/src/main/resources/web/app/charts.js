import { html, nothing } from 'lit';
import { Element } from './element.js';
import { model } from './model.js';
import { amount } from './format.js';
import { appearance, colours } from './appearance.js';
import { latest } from './series.js';
import { Plot } from './plot.js';

const MAX_CORES = 64;
const MAX_DEVICES = 3;

/** What each card shows: its lines, from the series that are there. No lines: nothing to show yet. */
const CARDS = [
  {
    id: 'cpu',
    title: 'CPU',
    unit: 'ratio',
    max: 1,
    lines(store) {
      const total = [];
      const cores = [];
      for (const series of store.named('host_cpu_utilisation_ratio')) {
        (series.labels.cpu === 'total' ? total : cores).push(series);
      }
      const many = cores.length > 7;
      return [
        ...total.map((series) => ({ name: 'total', points: series.points, area: true, colour: colours().series[0] })),
        ...cores.slice(0, MAX_CORES).map((series, i) => ({ name: 'core ' + series.labels.cpu, points: series.points, thin: true, colour: many ? colours().faint : colours().series[(i + 1) % 8], hidden: many })),
      ];
    },
  },
  {
    id: 'memory',
    title: 'Memory',
    unit: 'ratio',
    max: 1,
    lines(store) {
      const lines = [];
      const used = store.first('host_memory_used_ratio');
      const swap = store.first('host_swap_used_ratio');
      if (used) lines.push({ name: 'used', points: used.points, area: true, colour: colours().series[3], detail: of(store, 'memory') });
      if (swap && latest(store.first('host_swap_total_bytes')) > 0) lines.push({ name: 'swap', points: swap.points, colour: colours().series[2], detail: of(store, 'swap') });
      return lines;
    },
  },
  {
    id: 'load',
    title: 'Load',
    unit: 'load',
    lines: (store) =>
      [1, 5, 15].flatMap((minutes, i) => {
        const series = store.first('host_load' + minutes);
        return series ? [{ name: minutes + ' min', points: series.points, area: i === 0, colour: colours().series[[1, 0, 3][i]] }] : [];
      }),
  },
  { id: 'disk', title: 'Disk I/O', unit: 'bytes/s', lines: (store) => pair(store, 'host_disk_read_bytes_per_second', 'read', 'host_disk_written_bytes_per_second', 'written', [1, 2]) },
  { id: 'network', title: 'Network I/O', unit: 'bytes/s', lines: (store) => pair(store, 'host_network_receive_bytes_per_second', 'in', 'host_network_transmit_bytes_per_second', 'out', [5, 7]) },
];

/** Bytes behind a ratio. */
function of(store, what) {
  const total = latest(store.first('host_' + what + '_total_bytes'));
  const used = what === 'swap' ? latest(store.first('host_swap_used_bytes')) : total - latest(store.first('host_memory_available_bytes'));
  return total ? amount(used, 'bytes') + ' of ' + amount(total, 'bytes') : '';
}

/** The busiest devices: one direction above zero, the other below. */
function pair(store, upName, up, downName, down, colour) {
  const devices = new Map();
  for (const [name, side] of [[upName, 'up'], [downName, 'down']]) {
    for (const series of store.named(name)) {
      const device = series.labels.device ?? '';
      const known = devices.get(device) ?? { device, sum: 0 };
      known[side] = series;
      known.sum += series.points.reduce((sum, point) => sum + point[1], 0);
      devices.set(device, known);
    }
  }
  if (devices.size > 1) devices.delete('lo');
  const busy = [...devices.values()]
    .sort((a, b) => b.sum - a.sum)
    .filter((one, i) => i === 0 || one.sum > 0)
    .slice(0, MAX_DEVICES);
  return busy.flatMap((one, i) => [
    ...(one.up ? [{ name: one.device + ' ' + up, points: one.up.points, area: i === 0, thin: i > 0, colour: colours().series[(colour[0] + 2 * i) % 8] }] : []),
    ...(one.down ? [{ name: one.device + ' ' + down, points: one.down.points, area: i === 0, thin: i > 0, mirrored: true, colour: colours().series[(colour[1] + 2 * i) % 8] }] : []),
  ]);
}

/** The host's charts. Drawn at most once a second, and only those in sight. */
class Charts extends Element {
  static watches = [];
  #plots = new Map();
  #seen = new Set();
  #timer;
  #observer;
  #dirty = true;
  #restyle = () => {
    this.#plots.forEach((plot) => plot.restyle());
    this.#draw();
  };
  #changed = ({ detail }) => {
    this.#dirty = true;
    if (detail?.all) this.#draw();
  };

  connectedCallback() {
    super.connectedCallback();
    model.addEventListener('series', this.#changed);
    appearance.addEventListener('change', this.#restyle);
    this.#timer = setInterval(() => this.#draw(), 1000);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    model.removeEventListener('series', this.#changed);
    appearance.removeEventListener('change', this.#restyle);
    clearInterval(this.#timer);
    this.#observer?.disconnect();
    this.#plots.forEach((plot) => plot.close());
    this.#plots.clear();
  }

  firstUpdated() {
    this.#observer = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        entry.isIntersecting ? this.#seen.add(entry.target.dataset.card) : this.#seen.delete(entry.target.dataset.card);
      }
      this.#dirty = true;
      this.#draw();
    });
    this.querySelectorAll('.plot').forEach((host) => {
      const plot = new Plot(host);
      this.#plots.set(host.dataset.card, plot);
      this.#observer.observe(host);
      plot.open().then(
        () => this.#restyle(),
        () => (host.textContent = 'The chart library could not be loaded.'),
      );
    });
  }

  #draw() {
    if (document.visibilityState === 'hidden') return;
    const store = model.series;
    const nowMs = Date.now();
    store.expire(nowMs);
    // Without new data the axis still moves, but nobody sees that from one second to the next.
    if (!this.#dirty && Math.floor(nowMs / 1000) % 5 !== 0) return;
    this.#dirty = false;
    for (const card of CARDS) {
      if (!this.#seen.has(card.id)) continue;
      const lines = card.lines(store);
      this.#plots.get(card.id).draw(lines, { unit: card.unit, max: card.max, nowMs });
      this.#legend(card, lines);
    }
    this.#disks(store);
  }

  /** Legends change with every value: plain text in elements that stay. */
  #legend(card, lines) {
    const section = this.querySelector('#card-' + card.id);
    section.classList.toggle('empty', lines.length === 0);
    const shown = lines.filter((line) => !line.hidden).slice(0, 9);
    const list = section.querySelector('.legend');
    while (list.children.length > shown.length) list.lastChild.remove();
    shown.forEach((line, i) => {
      let item = list.children[i];
      if (!item) {
        item = document.createElement('li');
        item.append(document.createElement('i'), document.createElement('span'), document.createElement('b'));
        list.append(item);
      }
      const [swatch, name, value] = item.children;
      swatch.style.background = line.colour;
      put(name, line.name);
      put(value, amount(line.points.length ? line.points[line.points.length - 1][1] : null, card.unit) + (line.detail ? ' · ' + line.detail : ''));
    });
    const note = section.querySelector('.nothing');
    put(note, model.troubles.series && !model.series.size ? 'Cannot be read: ' + model.troubles.series : model.loaded.series ? 'No samples in the last 15 minutes' : 'Loading …');
  }

  #disks(store) {
    const systems = store
      .named('host_filesystem_used_ratio')
      .map((series) => ({ mount: series.labels.mountpoint ?? '?', type: series.labels.fstype ?? '', ratio: latest(series), labels: series.labels }))
      .sort((a, b) => b.ratio - a.ratio || a.mount.localeCompare(b.mount));
    const free = new Map(store.named('host_filesystem_avail_bytes').map((series) => [series.labels.mountpoint, latest(series)]));
    const size = new Map(store.named('host_filesystem_size_bytes').map((series) => [series.labels.mountpoint, latest(series)]));
    const key = systems.map((one) => one.mount + (one.ratio * 1000).toFixed(0) + amount(free.get(one.mount), 'bytes')).join();
    const state = model.loaded.series;
    if (key === this.diskKey && state === this.diskState) return;
    this.diskKey = key;
    this.diskState = state;
    this.systems = systems.map((one) => ({ ...one, free: free.get(one.mount), size: size.get(one.mount) }));
    this.requestUpdate();
  }

  render() {
    const plot = (card) => html`
      <section class="card chart" id=${'card-' + card.id} aria-label=${card.title}>
        <header><h2>${card.title}</h2><ul class="legend"></ul></header>
        <div class="plot" data-card=${card.id} role="img" aria-label=${card.title + ', last 15 minutes'}></div>
        <p class="nothing"></p>
      </section>
    `;
    const [cpu, memory, load, disk, network] = CARDS;
    return html`${plot(cpu)}${plot(memory)}${plot(load)}${this.#usage()}${plot(disk)}${plot(network)}`;
  }

  #usage() {
    const systems = this.systems ?? [];
    return html`
      <section class="card chart usage" aria-label="Disk usage">
        <header><h2>Disk usage</h2><span class="aside">${systems.length ? systems.length + (systems.length === 1 ? ' file system' : ' file systems') : nothing}</span></header>
        ${systems.length === 0
          ? html`<p class="nothing shown">${model.loaded.series ? 'No file systems seen' : 'Loading …'}</p>`
          : html`<ul class="meters" tabindex="0" aria-label="File systems">
              ${systems.map(
                (one) => html`<li title=${one.mount + ' (' + one.type + ')'}>
                  <span class="name">${one.mount}</span>
                  <span class="free">${one.size === undefined ? nothing : amount(one.free, 'bytes') + ' free of ' + amount(one.size, 'bytes')}</span>
                  <b>${amount(one.ratio, 'ratio')}</b>
                  <span class="meter ${one.ratio >= 0.95 ? 'bad' : one.ratio >= 0.85 ? 'warn' : ''}"><i style=${'width:' + Math.min(100, one.ratio * 100).toFixed(1) + '%'}></i></span>
                </li>`,
              )}
            </ul>`}
      </section>
    `;
  }
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

customElements.define('vd-charts', Charts);
