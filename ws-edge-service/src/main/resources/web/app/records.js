import { html } from 'lit';
import { Element } from './element.js';
import { model } from './model.js';
import { count, line, severity, time } from './format.js';

const KEPT = 500;
const HELD = 2_000;
const NARROW = matchMedia('(max-width: 720px)');
const RANK = { trace: 0, debug: 1, info: 2, warn: 3, error: 4, fatal: 5 };

/**
 * The newest records, newest first. Only rows in sight exist, in a pool that is written over; the list is drawn once a frame however many records came. Pausing holds arrivals back, bounded.
 */
class Records extends Element {
  static properties = { paused: { state: true }, held: { state: true }, least: { state: true } };
  #all = [];
  #shown = [];
  #waiting = [];
  #dropped = 0;
  #pool = [];
  #words = [];
  #frame = 0;
  #selected = null;
  #list;
  #space;
  #resize;
  #arrived = ({ detail }) => this.#take(detail);
  #forget = () => {
    this.#all = [];
    this.#shown = [];
    this.#waiting = [];
    this.#dropped = 0;
    this.held = 0;
    this.#soon();
  };

  constructor() {
    super();
    this.paused = false;
    this.held = 0;
    this.least = 'trace';
  }

  connectedCallback() {
    super.connectedCallback();
    model.addEventListener('records', this.#arrived);
    model.addEventListener('forget-records', this.#forget);
    NARROW.addEventListener('change', this.#layout);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    model.removeEventListener('records', this.#arrived);
    model.removeEventListener('forget-records', this.#forget);
    NARROW.removeEventListener('change', this.#layout);
    this.#resize?.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  firstUpdated() {
    this.#list = this.querySelector('.rows');
    this.#space = this.querySelector('.space');
    this.#list.addEventListener('scroll', () => this.#soon(), { passive: true });
    this.#resize = new ResizeObserver(() => this.#soon());
    this.#resize.observe(this.#list);
    this.#soon();
  }

  #layout = () => {
    this.#pool.splice(0).forEach((row) => row.remove());
    this.#soon();
  };

  #height() {
    return NARROW.matches ? 44 : 25;
  }

  #take(records) {
    if (this.paused) {
      this.#waiting.push(...records);
      if (this.#waiting.length > HELD) {
        this.#dropped += this.#waiting.length - HELD;
        this.#waiting.splice(0, this.#waiting.length - HELD);
      }
      this.held = this.#waiting.length + this.#dropped;
      return;
    }
    this.#add(records);
  }

  #add(records) {
    const fresh = records.slice(-KEPT).reverse().map((body) => ({ ...body, text: line(body.record), level: severity(body.record) }));
    this.#all = [...fresh, ...this.#all].slice(0, KEPT);
    const matching = fresh.filter((one) => this.#matches(one));
    // Who reads further down keeps the same rows before the eyes.
    if (this.#list && this.#list.scrollTop > 4 && matching.length) {
      this.#grow = (this.#grow ?? 0) + matching.length;
    }
    this.#shown = [...matching, ...this.#shown].slice(0, KEPT);
    this.#soon();
  }

  #grow = 0;

  #matches(one) {
    if (RANK[one.level] < RANK[this.least]) return false;
    if (this.#words.length === 0) return true;
    one.search ??= (one.index + ' ' + JSON.stringify(one.record)).toLowerCase();
    return this.#words.every((word) => (word[0] === '-' && word.length > 1 ? !one.search.includes(word.slice(1)) : one.search.includes(word)));
  }

  #refilter() {
    this.#shown = this.#all.filter((one) => this.#matches(one));
    this.#list.scrollTop = 0;
    this.#soon();
  }

  #toggle() {
    this.paused = !this.paused;
    if (!this.paused) {
      this.#add(this.#waiting.splice(0));
      this.#dropped = 0;
      this.held = 0;
    }
  }

  #soon() {
    if (this.#frame === 0) {
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.#draw();
      });
    }
  }

  #draw() {
    const height = this.#height();
    const list = this.#list;
    this.#space.style.height = this.#shown.length * height + 'px';
    if (this.#grow) {
      list.scrollTop += this.#grow * height;
      this.#grow = 0;
    }
    const first = Math.max(0, Math.floor(list.scrollTop / height) - 2);
    const wanted = Math.min(this.#shown.length - first, Math.ceil(list.clientHeight / height) + 5);
    while (this.#pool.length < wanted) this.#pool.push(this.#space.appendChild(makeRow()));
    this.#pool.forEach((row, i) => {
      if (i >= wanted) {
        row.hidden = true;
        return;
      }
      const at = first + i;
      write(row, this.#shown[at], at * height, this.#shown[at].index === this.#selected, at + 1, this.#shown.length);
    });
    const note = this.querySelector('.nothing');
    note.hidden = this.#shown.length > 0;
    note.textContent = this.#all.length ? 'None of the newest ' + this.#all.length + ' records matches' : model.troubles.records ? 'Cannot be read: ' + model.troubles.records : model.connection.state === 'open' ? 'No records yet. Send one: curl -d \'{"message":"hi"}\' localhost:8081/v1/records' : 'Waiting for the connection …';
    this.querySelector('.shown').textContent = count(this.#shown.length) + (this.#shown.length === this.#all.length ? '' : ' of ' + count(this.#all.length)) + ' newest';
    list.toggleAttribute('data-away', list.scrollTop > 4);
    const active = this.#selected !== null && this.#pool.some((row) => !row.hidden && row.id === 'record-' + this.#selected);
    active ? list.setAttribute('aria-activedescendant', 'record-' + this.#selected) : list.removeAttribute('aria-activedescendant');
  }

  #key(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -KEPT, End: KEPT };
    if (event.key === 'Enter' && this.#selected !== null) {
      location.hash = '#/records/' + this.#selected;
      return;
    }
    if (!(event.key in moves) || this.#shown.length === 0) return;
    event.preventDefault();
    const now = this.#shown.findIndex((one) => one.index === this.#selected);
    const at = Math.max(0, Math.min(this.#shown.length - 1, (now < 0 ? -1 : now) + moves[event.key]));
    this.#selected = this.#shown[Math.max(0, at)].index;
    const height = this.#height();
    const top = at * height;
    if (top < this.#list.scrollTop) this.#list.scrollTop = top;
    else if (top + height > this.#list.scrollTop + this.#list.clientHeight) this.#list.scrollTop = top + height - this.#list.clientHeight;
    this.#soon();
  }

  #click(event) {
    const row = event.target.closest('.row');
    if (!row) return;
    this.#selected = Number(row.dataset.index);
    this.#soon();
    location.hash = '#/records/' + row.dataset.index;
  }

  render() {
    return html`
      <section class="card records" aria-label="Records">
        <header>
          <h2>Records</h2>
          <span class="aside shown" role="status" aria-live="off"></span>
          <span class="grow"></span>
          <label class="field search"><span class="sr">Filter records</span><input type="search" placeholder="Filter, -word excludes" spellcheck="false" @input=${(event) => {
            this.#words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
            this.#refilter();
          }} /></label>
          <label class="field"><span class="sr">Least severity</span><select @change=${(event) => {
            this.least = event.target.value;
            this.#refilter();
          }}>${Object.keys(RANK).map((level) => html`<option value=${level}>${level === 'trace' ? 'all severities' : level === 'fatal' ? level : level + ' and worse'}</option>`)}</select></label>
          <button aria-pressed=${this.paused} @click=${() => this.#toggle()}>${this.paused ? 'Resume' + (this.held ? ' (' + count(this.held) + ')' : '') : 'Pause'}</button>
        </header>
        <div class="head-row" aria-hidden="true"><span>Index</span><span>Time</span><span>Severity</span><span>Source</span><span>Message</span></div>
        <div class="rows" id="records-list" tabindex="0" role="listbox" aria-label="Newest records, newest first" @keydown=${(event) => this.#key(event)} @click=${(event) => this.#click(event)}>
          <div class="space"></div>
          <p class="nothing"></p>
        </div>
        <button class="newest small" @click=${() => {
          this.#list.scrollTop = 0;
          this.#soon();
        }}>↑ Newest</button>
      </section>
    `;
  }
}

function makeRow() {
  const row = document.createElement('div');
  row.className = 'row';
  row.setAttribute('role', 'option');
  row.append(...['index', 'time', 'level', 'source', 'text'].map((name) => Object.assign(document.createElement('span'), { className: name })));
  return row;
}

/** Writes a record over a row; untouched when it shows it already. */
function write(row, one, top, selected, place, size) {
  row.hidden = false;
  row.style.transform = 'translateY(' + top + 'px)';
  row.setAttribute('aria-selected', String(selected));
  row.setAttribute('aria-posinset', place);
  row.setAttribute('aria-setsize', size);
  if (row.dataset.index === String(one.index)) return;
  row.dataset.index = one.index;
  row.id = 'record-' + one.index;
  row.dataset.level = one.level;
  const [index, at, level, source, text] = row.children;
  index.textContent = one.index;
  at.textContent = time(one.record.time ?? one.at ?? one.record.observed, true);
  level.textContent = one.level;
  source.textContent = one.record.source ?? '';
  text.textContent = one.text.length > 600 ? one.text.slice(0, 600) + '…' : one.text;
}

customElements.define('vd-records', Records);
