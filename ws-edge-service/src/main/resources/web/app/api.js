/** Calls to /api/v1. Every failure is a {@link Trouble} whose message can be shown. */

export class Trouble extends Error {
  constructor(status, title, detail) {
    super(detail || title);
    this.status = status;
    this.title = title;
  }
}

const TIMEOUT_MS = 15_000;
let described = null;

async function call(method, path, body) {
  let response;
  try {
    response = await fetch('/api/v1' + path, {
      method,
      credentials: 'same-origin',
      headers: body === undefined ? { Accept: 'application/json' } : { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (failure) {
    throw new Trouble(0, 'No answer', failure.name === 'TimeoutError' ? 'no answer within ' + TIMEOUT_MS / 1000 + ' s' : 'the server cannot be reached');
  }
  const text = await response.text();
  let json = null;
  try {
    json = text ? JSON.parse(text) : null;
  } catch {
    throw new Trouble(response.status, 'Not JSON', 'the answer to ' + path + ' is not JSON (status ' + response.status + ')');
  }
  if (!response.ok) {
    throw new Trouble(response.status, json?.title ?? 'Status ' + response.status, json?.detail);
  }
  return json;
}

export const api = {
  get: (path) => call('GET', path),
  post: (path, body = {}) => call('POST', path, body),
  delete: (path) => call('DELETE', path),
  /** Whether the server offers a path at all, by its own description, read once. */
  async offers(path) {
    try {
      described ??= call('GET', '/openapi.json');
      return Boolean((await described).paths['/api/v1' + path]);
    } catch {
      described = null;
      return false;
    }
  },
  /** Whether something is there, without an error when it is not. */
  async exists(path) {
    try {
      const response = await fetch('/api/v1' + path, { credentials: 'same-origin', signal: AbortSignal.timeout(TIMEOUT_MS) });
      await response.body?.cancel();
      return response.status === 200;
    } catch {
      return false;
    }
  },
};
