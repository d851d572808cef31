import { amount } from './format.js';
import { colours } from './appearance.js';
import { SPAN_MS, withHoles } from './series.js';

/** The chart library is large: it loads behind the rest of the page. */
const loading = import('echarts/dist/echarts.esm.min.js');
const GROUP = 'host';
let connected = false;

/**
 * One line chart over the last 15 minutes. `lines` are {name, points, colour?, area?, thin?, mirrored?}; a mirrored line hangs below zero and is read as if it did not. Redrawn by whole series: a line has
 * 900 points at most, and the library draws those faster than it merges single ones.
 */
export class Plot {
  #host;
  #chart = null;
  #shape = '';
  #resize;

  constructor(host) {
    this.#host = host;
  }

  async open() {
    const echarts = await loading;
    if (!this.#host?.isConnected || this.#chart) return false;
    this.#chart = echarts.init(this.#host, null, { renderer: 'canvas' });
    this.#chart.group = GROUP;
    if (!connected) {
      connected = true;
      echarts.connect(GROUP);
    }
    this.#resize = new ResizeObserver(() => this.#chart?.resize());
    this.#resize.observe(this.#host);
    return true;
  }

  close() {
    this.#resize?.disconnect();
    this.#chart?.dispose();
    this.#chart = null;
    this.#shape = '';
  }

  restyle() {
    this.#shape = '';
  }

  draw(lines, { unit, max, nowMs }) {
    if (!this.#chart) return;
    const shape = unit + '|' + max + '|' + lines.map((line) => line.name).join('|');
    const x = { min: nowMs - SPAN_MS, max: nowMs };
    const y = scale(lines, unit, max);
    if (shape === this.#shape) {
      this.#chart.setOption({ xAxis: x, yAxis: y, series: lines.map((line) => ({ data: data(line) })) }, { lazyUpdate: true });
      return;
    }
    this.#shape = shape;
    this.#chart.setOption(whole(lines, unit, x, y), { notMerge: true, lazyUpdate: true });
  }
}

function data(line) {
  const points = withHoles(line.points);
  return line.mirrored ? points.map(([at, value]) => [at, value === null ? null : -value]) : points;
}

/** Ends and steps of the value axis: round in the unit's own counting, so that bytes show as 512 KiB and not as 488. */
function scale(lines, unit, fixed) {
  if (fixed !== undefined) return { min: 0, max: fixed, interval: fixed / 4 };
  let above = 0;
  let below = 0;
  for (const { points, mirrored } of lines) {
    for (const [, value] of points) {
      if (mirrored ? value > below : value > above) mirrored ? (below = value) : (above = value);
    }
  }
  const base = unit.startsWith('bytes') ? 1024 : 1000;
  const least = unit.startsWith('bytes') ? 256 : unit === 'load' ? 0.25 : 1e-6;
  const interval = step(Math.max((above + below) / 4, least), base);
  return { min: -Math.ceil(below / interval) * interval || 0, max: Math.max(1, Math.ceil(above / interval)) * interval, interval };
}

function step(wanted, base) {
  const unit = base ** Math.floor(Math.log(wanted) / Math.log(base) + 1e-9);
  const steps = base === 1024 ? [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] : [1, 2, 2.5, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000];
  return unit * (steps.find((candidate) => candidate * unit >= wanted * 0.999) ?? base);
}

/** Labels of an axis need no decimals that the steps do not have. */
function tick(value, unit) {
  if (value === 0) return '0';
  return unit === 'ratio' ? Math.round(value * 100) + '%' : unit === 'load' ? String(Number(value.toFixed(2))) : amount(value, unit).replace(/[.]0+(?= |$)/, '');
}

function whole(lines, unit, x, y) {
  const c = colours();
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: c.font },
    grid: { left: 8, right: 10, top: 10, bottom: 4, containLabel: true },
    xAxis: {
      type: 'time',
      ...x,
      axisLine: { lineStyle: { color: c.line } },
      axisTick: { show: false },
      axisLabel: { color: c.faint, fontSize: 10.5, hideOverlap: true, showMinLabel: false, showMaxLabel: false, formatter: '{HH}:{mm}' },
      minInterval: 180_000,
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      ...y,
      axisLabel: { color: c.faint, fontSize: 10.5, formatter: (value) => tick(Math.abs(value), unit) },
      splitLine: { lineStyle: { color: c.line, width: 1 } },
    },
    tooltip: {
      trigger: 'axis',
      confine: true,
      transitionDuration: 0,
      backgroundColor: c.raised,
      borderColor: c.line,
      padding: [6, 9],
      textStyle: { color: c.text, fontSize: 12 },
      axisPointer: { type: 'line', snap: true, lineStyle: { color: c.muted, width: 1, type: 'solid' } },
      valueFormatter: (value) => (value === null || value === undefined ? '–' : amount(Math.abs(value), unit)),
      order: lines.length > 4 ? 'valueDesc' : 'seriesAsc',
    },
    series: lines.map((line, i) => {
      const colour = line.colour ?? c.series[i % c.series.length];
      return {
        name: line.name,
        type: 'line',
        data: data(line),
        showSymbol: false,
        sampling: 'lttb',
        silent: true,
        lineStyle: { width: line.thin ? 1 : 1.6, color: colour, opacity: line.thin ? 0.5 : 1 },
        itemStyle: { color: colour },
        areaStyle: line.area ? { color: colour, opacity: 0.14 } : undefined,
        z: line.thin ? 2 : 3,
      };
    }),
  };
}
