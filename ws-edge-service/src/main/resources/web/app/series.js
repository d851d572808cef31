/** The last minutes of every series, bounded in age, points and number of series. The only place that knows how statistics look on the wire. */

export const SPAN_MS = 15 * 60_000;
const MAX_POINTS = 1_200;
const MAX_SERIES = 800;
const PREFERRED = ['last', 'mean', 'value', 'max', 'count'];

export class SeriesStore {
  #series = new Map();
  refused = 0;
  newestMs = 0;

  /** One series by its identity, made when there is room. */
  #of(key) {
    const id = JSON.stringify(key);
    let series = this.#series.get(id);
    if (!series) {
      if (this.#series.size >= MAX_SERIES) {
        this.refused++;
        return null;
      }
      const { __name__: name = key.name ?? 'value', ...labels } = key;
      series = { id, name, labels, points: [], at: 0 };
      this.#series.set(id, series);
    }
    return series;
  }

  /** Stored history: merged with what came live meanwhile. */
  history(answer) {
    for (const { key, fields, points } of answer.series ?? []) {
      const column = column0(fields) + 1;
      const series = this.#of(key);
      if (!series || column === 0) continue;
      const old = points.filter((point) => point[column] !== null).map((point) => [point[0], point[column]]);
      const newest = old.length ? old[old.length - 1][0] : 0;
      const before = new Map(series.points.map((point) => [second(point), point]));
      for (const point of old) {
        before.set(second(point), before.get(second(point)) ?? point);
      }
      series.points = [...before.values()].sort((a, b) => a[0] - b[0]).slice(-MAX_POINTS);
      this.newestMs = Math.max(this.newestMs, newest);
    }
  }

  /** A message of the topic. */
  update(body) {
    for (const { key, endMs, fields } of body.values ?? []) {
      const name = PREFERRED.find((field) => field in fields) ?? Object.keys(fields)[0];
      const value = fields[name];
      const series = this.#of(key);
      if (!series || value === null || value === undefined) continue;
      const points = series.points;
      const last = points.length ? points[points.length - 1] : null;
      if (last && endMs < last[0]) continue;
      if (last && second(last) === Math.floor(endMs / 1000)) {
        points[points.length - 1] = [endMs, value];
      } else {
        points.push([endMs, value]);
      }
      if (points.length > MAX_POINTS) points.splice(0, points.length - MAX_POINTS);
      this.newestMs = Math.max(this.newestMs, endMs);
    }
  }

  /** Drops what is too old to be shown. */
  expire(nowMs) {
    const before = nowMs - SPAN_MS - 5_000;
    for (const [id, series] of this.#series) {
      const points = series.points;
      let drop = 0;
      while (drop < points.length && points[drop][0] < before) drop++;
      if (drop > 0) points.splice(0, drop);
      if (points.length === 0) this.#series.delete(id);
    }
  }

  get size() {
    return this.#series.size;
  }

  all() {
    return [...this.#series.values()];
  }

  /** Series of a metric, in order of their labels. */
  named(name) {
    const found = [];
    for (const series of this.#series.values()) {
      if (series.name === name) found.push(series);
    }
    return found.sort((a, b) => a.id.localeCompare(b.id, undefined, { numeric: true }));
  }

  first(name, labels = {}) {
    for (const series of this.#series.values()) {
      if (series.name === name && Object.entries(labels).every(([label, value]) => series.labels[label] === value)) return series;
    }
    return null;
  }
}

export function latest(series) {
  const points = series?.points;
  return points && points.length ? points[points.length - 1][1] : null;
}

/** Per second, from a counter; where it went back it began anew. */
export function rates(points) {
  const out = [];
  for (let i = 1; i < points.length; i++) {
    const seconds = (points[i][0] - points[i - 1][0]) / 1000;
    const grown = points[i][1] - points[i - 1][1];
    if (seconds > 0 && grown >= 0) out.push([points[i][0], grown / seconds]);
  }
  return out;
}

/** A hole in the data shows as a hole in the line. */
export function withHoles(points, maxGapMs = 20_000) {
  let out = null;
  for (let i = 1; i < points.length; i++) {
    if (points[i][0] - points[i - 1][0] > maxGapMs) {
      out ??= points.slice(0, i);
      out.push([points[i - 1][0] + 1, null]);
    }
    out?.push(points[i]);
  }
  return out ?? points;
}

function second(point) {
  return Math.floor(point[0] / 1000);
}

function column0(fields) {
  const preferred = PREFERRED.find((field) => fields.includes(field));
  return preferred ? fields.indexOf(preferred) : fields.length ? 0 : -1;
}
