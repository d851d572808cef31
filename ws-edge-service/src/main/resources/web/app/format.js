/** Numbers, times and texts as people read them. Pure functions. */

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const DECIMAL = ['', 'k', 'M', 'G', 'T'];
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: '2-digit' });
const whole = new Intl.NumberFormat();

function scaled(value, base, units) {
  let at = 0;
  let rest = Math.abs(value);
  while (rest >= base * 0.9995 && at < units.length - 1) {
    rest /= base;
    at++;
  }
  const digits = rest >= 100 || (at === 0 && Number.isInteger(rest)) ? 0 : rest >= 10 ? 1 : 2;
  return [(value < 0 ? '−' : '') + rest.toFixed(digits), units[at]];
}

/** [number, unit] of a value; the unit may be empty. */
export function parts(value, unit) {
  if (value === null || value === undefined || Number.isNaN(value)) {
    return ['–', ''];
  }
  switch (unit) {
    case 'ratio':
      return [(value * 100).toFixed(Math.abs(value) >= 0.9995 || value === 0 ? 0 : 1), '%'];
    case 'bytes':
      return scaled(value, 1024, BINARY);
    case 'bytes/s': {
      const [number, prefix] = scaled(value, 1024, BINARY);
      return [number, prefix + '/s'];
    }
    case 'per second': {
      const [number, prefix] = scaled(value, 1000, DECIMAL);
      return [number, prefix + '/s'];
    }
    case 'seconds':
      return value >= 120 ? [duration(value * 1000), ''] : value >= 1 || value === 0 ? [value.toFixed(value >= 10 ? 0 : 1), 's'] : [(value * 1000).toPrecision(3), 'ms'];
    case 'load':
      return [value.toFixed(2), ''];
    default:
      return Math.abs(value) < 1 && value !== 0 ? [value.toPrecision(2), ''] : scaled(value, 1000, DECIMAL);
  }
}

export function amount(value, unit) {
  const [number, suffix] = parts(value, unit);
  return suffix ? number + (suffix === '%' ? '%' : ' ' + suffix) : number;
}

export function count(value) {
  return value === null || value === undefined ? '–' : whole.format(value);
}

export function duration(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return s + ' s';
  if (s < 3600) return Math.floor(s / 60) + ' min' + (s % 60 && s < 600 ? ' ' + (s % 60) + ' s' : '');
  if (s < 172_800) return Math.floor(s / 3600) + ' h ' + Math.floor((s % 3600) / 60) + ' min';
  return Math.floor(s / 86_400) + ' d ' + Math.floor((s % 86_400) / 3600) + ' h';
}

function same(a, b) {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate();
}

/** Clock time; with the day when it is not today. */
export function time(value, ms = false) {
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) {
    return '–';
  }
  const text = clock.format(at) + (ms ? '.' + String(at.getMilliseconds()).padStart(3, '0') : '');
  return same(at, new Date()) ? text : day.format(at) + ' ' + text;
}

export function ago(value, nowMs = Date.now()) {
  const ms = nowMs - new Date(value).getTime();
  return Number.isNaN(ms) ? '–' : ms < 5_000 ? 'just now' : duration(ms) + ' ago';
}

/** One line for a record: its message, else who did what to what. */
export function line(record) {
  if (record.message) {
    return record.message;
  }
  return [record.actor, record.action, record.target && '→ ' + record.target, record.outcome && '(' + record.outcome + ')'].filter(Boolean).join(' ');
}

/** The severity a record is shown with: its own, else what its outcome suggests. */
export function severity(record) {
  return record.severity ?? (record.kind === 'gap' ? 'warn' : record.outcome === 'failure' || record.outcome === 'denied' ? 'warn' : 'info');
}

/** [path, text] of every leaf. */
export function leaves(value, path = '', into = []) {
  if (value !== null && typeof value === 'object' && into.length < 500) {
    const entries = Array.isArray(value) ? value.map((item, i) => [String(i), item]) : Object.entries(value);
    if (entries.length === 0) {
      into.push([path, Array.isArray(value) ? '[]' : '{}']);
    }
    for (const [name, item] of entries) {
      leaves(item, path ? path + '.' + name : name, into);
    }
  } else {
    into.push([path, value === null ? 'null' : String(value)]);
  }
  return into;
}
