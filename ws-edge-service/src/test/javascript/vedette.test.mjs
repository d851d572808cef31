// The browser client against a socket that the test speaks for. Runs in Node 20: node --test
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test, mock } from 'node:test';
import EventBus from '../../main/resources/web/client/vedette.js';

/** A socket whose other end is the test. */
class FakeSocket {
  static all = [];
  sent = [];
  closed = null;

  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
    FakeSocket.all.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code, reason) {
    this.closed = { code, reason };
    this.onclose?.({ code, reason });
  }

  opens() {
    this.onopen();
    this.says({ type: 'welcome', session: 's', node: 'n', principal: 'p', idleMs: 75000, topics: [] });
  }

  says(...frames) {
    frames.forEach((frame) => this.onmessage({ data: JSON.stringify(frame) }));
  }

  publishes(address, position, body = {}) {
    this.says({ type: 'rec', address, headers: { position }, body });
  }

  ends(code, reason = '') {
    this.onclose({ code, reason });
  }

  registered(address) {
    return this.sent.filter((frame) => frame.type === 'register' && frame.address === address).map((frame) => frame.headers);
  }
}

const settled = () => new Promise((done) => setImmediate(done));

async function scene(options, story) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  FakeSocket.all = [];
  const bus = new EventBus('http://localhost:8080/monitor', { WebSocket: FakeSocket, random: () => 0.5, heartbeatMs: 0, ...options });
  const told = [];
  for (const name of ['state', 'welcome', 'resumed', 'replayed', 'gap', 'head', 'sampled', 'progress']) {
    bus.addEventListener(name, ({ detail }) => told.push({ name, ...detail }));
  }
  const events = (name) => told.filter((event) => event.name === name);
  const socket = () => FakeSocket.all.at(-1);
  const pass = async (ms) => {
    mock.timers.tick(ms);
    await settled();
  };
  await settled();
  try {
    await story({ bus, events, socket, pass });
  } finally {
    bus.close();
    mock.timers.reset();
  }
}

const quiet = () => {};

test('registers what was registered before it was open', () =>
  scene({}, ({ bus, socket }) => {
    bus.registerHandler('alerts', quiet);
    assert.equal(socket().url, 'ws://localhost:8080/monitor');
    assert.deepEqual(socket().sent, []);
    socket().opens();
    assert.deepEqual(socket().registered('alerts'), [{}]);
    assert.equal(bus.state, EventBus.OPEN);
  }));

test('a token travels as subprotocol', () =>
  scene({ token: async () => 'abc' }, async ({ socket }) => {
    await settled();
    assert.deepEqual(socket().protocols, ['vedette.v1', 'bearer.abc']);
  }));

test('registers again after a reconnect and continues behind the last position', () =>
  scene({}, async ({ bus, socket, pass, events }) => {
    const seen = [];
    let opened = 0;
    let reconnected = 0;
    bus.onopen = () => opened++;
    bus.onreconnect = () => reconnected++;
    bus.registerHandler('records', { position: 'new' }, (error, message) => seen.push(message.headers.position));
    socket().opens();
    assert.deepEqual(socket().registered('records'), [{ position: 'new' }]);
    socket().says({ type: 'registered', address: 'records', position: 'e:4', recovered: true, replay: 0 });
    socket().publishes('records', 'e:5');
    socket().ends(1006);
    assert.equal(bus.state, EventBus.CLOSED);
    await pass(500);
    socket().opens();
    assert.deepEqual(socket().registered('records'), [{ position: 'e:5' }]);
    socket().says({ type: 'registered', address: 'records', position: 'e:5', recovered: true, replay: 2 });
    socket().publishes('records', 'e:6');
    socket().publishes('records', 'e:7');
    assert.deepEqual(seen, ['e:5', 'e:6', 'e:7']);
    assert.equal(opened, 1);
    assert.equal(reconnected, 1);
    assert.deepEqual(events('resumed'), [{ name: 'resumed', address: 'records', recovered: true, replay: 2, skipped: 0, reason: null, position: 'e:5' }]);
    assert.deepEqual(events('replayed'), [{ name: 'replayed', address: 'records', replay: 2 }]);
    assert.deepEqual(events('gap'), []);
  }));

test('what arrives twice is delivered once, and what is left out is told', () =>
  scene({}, ({ bus, socket, events }) => {
    const seen = [];
    bus.registerHandler('alerts', { position: 'e:1' }, (error, message) => seen.push(message.headers.position));
    socket().opens();
    socket().says({ type: 'registered', address: 'alerts', position: 'e:1', recovered: true, replay: 1 });
    ['e:2', 'e:2', 'e:1', 'e:5'].forEach((position) => socket().publishes('alerts', position));
    assert.deepEqual(seen, ['e:2', 'e:5']);
    assert.deepEqual(events('gap'), [{ name: 'gap', address: 'alerts', missed: 2, from: 'e:2', to: 'e:5', reason: 'hole' }]);
  }));

test('another incarnation of the trail is a gap of unknown size', () =>
  scene({}, ({ bus, socket, events }) => {
    bus.registerHandler('alerts', { position: 'e:7' }, quiet);
    socket().opens();
    socket().says({ type: 'registered', address: 'alerts', position: 'f:2', recovered: false, replay: 0, reason: 'epoch' });
    assert.equal(events('gap')[0].missed, -1);
    assert.equal(events('gap')[0].reason, 'epoch');
    assert.equal(bus.position('alerts'), 'f:2');
  }));

test('a new incarnation under a live subscription is told as well, though it began with new', () =>
  scene({}, ({ bus, socket, events }) => {
    bus.registerHandler('alerts', { position: 'new' }, quiet);
    socket().opens();
    socket().says({ type: 'registered', address: 'alerts', position: 'e:7', recovered: true, replay: 0 });
    assert.deepEqual(events('resumed'), []);
    socket().says({ type: 'registered', address: 'alerts', position: 'f:2', recovered: false, replay: 0, reason: 'epoch' });
    assert.deepEqual(events('gap'), [{ name: 'gap', address: 'alerts', missed: -1, from: 'e:7', to: 'f:2', reason: 'epoch' }]);
  }));

test('a replay tells how far it has come', () =>
  scene({}, ({ bus, socket, events }) => {
    bus.registerHandler('alerts', { position: 'e:0' }, quiet);
    socket().opens();
    socket().says({ type: 'registered', address: 'alerts', position: 'e:0', recovered: true, replay: 1000 });
    for (let offset = 1; offset <= 1001; offset++) socket().publishes('alerts', 'e:' + offset);
    const told = events('progress').map(({ done, total }) => [done, total]);
    assert.deepEqual([told[0], told[1], told.at(-1)], [[0, 1000], [10, 1000], [1000, 1000]]);
    assert.equal(told.length, 101);
  }));

test('a search tells how far it has come by what the server reached', () =>
  scene({}, ({ bus, socket, events }) => {
    bus.registerHandler('records', { position: 'e:4', filter: { actor: 'anna' } }, quiet);
    socket().opens();
    socket().says({ type: 'registered', address: 'records', position: 'e:4', recovered: true, filtered: true, search: 96 });
    socket().says({ type: 'head', address: 'records', position: 'e:100', reached: 'e:60' });
    socket().says({ type: 'replayed', address: 'records', position: 'e:103', replay: 0 });
    socket().says({ type: 'head', address: 'records', position: 'e:110', reached: 'e:110' });
    assert.deepEqual(events('progress').map(({ done, total }) => [done, total]), [[0, 96], [56, 96], [96, 96]]);
  }));

test('a token that never comes is asked for again', () => {
  let asked = 0;
  return scene({ token: () => (++asked === 1 ? new Promise(() => {}) : 'abc') }, async ({ socket, pass, events }) => {
    await pass(15_000);
    assert.equal(events('state').at(-1).state, 'waiting');
    await pass(250);
    await settled();
    assert.deepEqual(socket().protocols, ['vedette.v1', 'bearer.abc']);
  });
});

test('a token that comes too late opens nothing', () => {
  const answers = [];
  return scene({ token: () => new Promise((answer) => answers.push(answer)) }, async ({ pass }) => {
    await pass(15_000);
    await pass(250);
    answers[0]('late');
    await settled();
    assert.equal(FakeSocket.all.length, 0);
    answers[1]('abc');
    await settled();
    assert.deepEqual(FakeSocket.all.map((socket) => socket.protocols[1]), ['bearer.abc']);
  });
});

test('a ping turned off stays off after a reconnect', () =>
  scene({ heartbeatMs: 1000, heartbeatTimeoutMs: 300 }, async ({ bus, socket, pass }) => {
    mock.method(performance, 'now', () => Date.now());
    socket().opens();
    bus.enablePing(false);
    socket().ends(1006);
    await pass(250);
    socket().opens();
    await pass(5000);
    assert.deepEqual(socket().sent, []);
    bus.enablePing(true);
    await pass(1000);
    assert.deepEqual(socket().sent, [{ type: 'ping' }]);
    mock.restoreAll();
  }));

test('the types name every event, method and option', async () => {
  const at = (name) => readFile(new URL('../../main/resources/web/client/' + name, import.meta.url), 'utf8');
  const [code, types] = [await at('vedette.js'), await at('vedette.d.ts')];
  const names = (text, pattern) => [...new Set([...text.matchAll(pattern)].map((match) => match[1]))].sort();
  const within = (begin) => types.slice(types.indexOf(begin), types.indexOf('\n}', types.indexOf(begin)));
  assert.deepEqual(names(within('interface Events'), /^  (\w+): /gm), names(code, /#tell\('(\w+)'/g));
  const methods = Object.getOwnPropertyNames(EventBus.prototype).filter((name) => name !== 'constructor');
  assert.deepEqual(names(within('class EventBus'), /^  (\w+)[(<]/gm).filter((name) => !/EventListener|constructor/.test(name)), methods.sort());
  assert.deepEqual(names(within('interface Options'), /^  (\w+)\?: /gm), names(code, /(?<!#)\boptions\.(\w+)/g));
});

test('a limit says how many were left out', () =>
  scene({}, ({ bus, socket, events }) => {
    bus.registerHandler('records', { position: 'e:10', limit: '5' }, quiet);
    socket().opens();
    assert.deepEqual(socket().registered('records'), [{ position: 'e:10', limit: '5' }]);
    socket().says({ type: 'registered', address: 'records', position: 'e:90', recovered: false, replay: 5, reason: 'limit' });
    assert.equal(events('resumed')[0].skipped, 80);
    assert.equal(events('gap')[0].missed, 80);
    socket().publishes('records', 'e:91');
    assert.equal(events('gap').length, 1);
  }));

test('with a filter it stands where the server says, and holes are no gaps', () =>
  scene({}, async ({ bus, socket, pass, events }) => {
    const seen = [];
    bus.registerHandler('records', { position: 'e:4', filter: { actor: 'anna' } }, (error, message) => seen.push(message.headers.position));
    socket().opens();
    assert.deepEqual(socket().registered('records'), [{ position: 'e:4', filter: { actor: 'anna' } }]);
    socket().says({ type: 'registered', address: 'records', position: 'e:4', recovered: true, filtered: true, search: 96 });
    assert.equal(events('resumed')[0].replay, -1);
    socket().publishes('records', 'e:17');
    socket().says({ type: 'head', address: 'records', position: 'e:100', reached: 'e:60' });
    assert.equal(bus.position('records'), 'e:60');
    socket().publishes('records', 'e:80');
    socket().says({ type: 'replayed', address: 'records', position: 'e:100', replay: 2 });
    assert.deepEqual(events('replayed'), [{ name: 'replayed', address: 'records', replay: 2 }]);
    socket().ends(1006);
    await pass(500);
    socket().opens();
    assert.equal(socket().registered('records')[0].position, 'e:100');
    assert.deepEqual(seen, ['e:17', 'e:80']);
    assert.deepEqual(events('gap'), []);
  }));

test('a declared sample is told and is no gap', () =>
  scene({}, ({ bus, socket, events }) => {
    bus.registerHandler('records', { position: 'new' }, quiet);
    socket().opens();
    socket().says({ type: 'registered', address: 'records', position: 'e:4', recovered: true, replay: 0 });
    const rec = (offset, sampled, skipped) => ({ type: 'rec', address: 'records', headers: { position: 'e:' + offset, sampled, skipped }, body: {} });
    socket().says(rec(8, '1/8', '3'), rec(16, '1/8', '7'), rec(19, '1/1', '2'));
    socket().publishes('records', 'e:20');
    assert.deepEqual(events('sampled').map(({ rate, skipped }) => [rate, skipped]), [['1/8', 3], ['1/8', 7], ['1/1', 2]]);
    assert.deepEqual(events('gap'), []);
  }));

test('a state topic has no gaps and nothing to resume', () =>
  scene({}, async ({ bus, socket, pass, events }) => {
    let values = 0;
    bus.registerHandler('statistics.host', { position: 'new' }, () => values++);
    socket().opens();
    socket().says({ type: 'registered', address: 'statistics.host', position: 'state:3', recovered: true, replay: 0 });
    socket().publishes('statistics.host', 'state:9');
    socket().publishes('statistics.host', 'state:9');
    socket().ends(1006);
    await pass(500);
    socket().opens();
    socket().says({ type: 'registered', address: 'statistics.host', position: 'state:1', recovered: true, replay: 0 });
    socket().publishes('statistics.host', 'state:1');
    assert.equal(values, 3);
    assert.deepEqual(events('gap'), []);
    assert.deepEqual(events('resumed'), []);
  }));

for (const code of [1002, 1003, 1007, 1009, 4400, 4401, 4403]) {
  test('stays closed after ' + code, () =>
    scene({}, async ({ bus, socket, pass, events }) => {
      let closed = 0;
      bus.onclose = () => closed++;
      socket().opens();
      socket().ends(code, 'why');
      await pass(60_000);
      assert.equal(FakeSocket.all.length, 1);
      assert.equal(closed, 1);
      assert.deepEqual({ ...events('state').at(-1), attempt: 0 }, { name: 'state', state: 'closed', attempt: 0, code, reason: 'why', terminal: true });
    }));
}

for (const [code, reason, delayMs] of [
  [1001, 'server is going away; reconnect in 1234 ms', 1234],
  [1006, '', 250],
  [4408, 'slow', 2000],
  [4503, 'full', 2000],
]) {
  test('comes back after ' + code + ' in ' + delayMs + ' ms', () =>
    scene({}, async ({ socket, pass, events }) => {
      socket().opens();
      socket().ends(code, reason);
      assert.equal(events('state').at(-1).delayMs, delayMs);
      await pass(delayMs - 1);
      assert.equal(FakeSocket.all.length, 1);
      await pass(1);
      assert.equal(FakeSocket.all.length, 2);
    }));
}

test('waits longer after each failure, up to the bound, and forgets when a connection lasted', () =>
  scene({ delayMaxMs: 4000 }, async ({ socket, pass, events }) => {
    const delays = () => events('state').filter((event) => event.state === 'waiting').map((event) => event.delayMs);
    for (let i = 0; i < 6; i++) {
      socket().ends(1006);
      await pass(2000);
    }
    assert.deepEqual(delays(), [250, 500, 1000, 2000, 2000, 2000]);
    socket().opens();
    socket().ends(1006);
    assert.equal(delays().at(-1), 2000);
    await pass(2000);
    socket().opens();
    await pass(5000);
    socket().ends(1006);
    assert.equal(delays().at(-1), 250);
  }));

test('a silent connection is asked, then replaced', () =>
  scene({ heartbeatMs: 1000, heartbeatTimeoutMs: 300 }, async ({ socket, pass }) => {
    mock.method(performance, 'now', () => Date.now());
    socket().opens();
    await pass(1000);
    assert.deepEqual(socket().sent, [{ type: 'ping' }]);
    socket().says({ type: 'pong' });
    await pass(1000);
    assert.equal(socket().sent.length, 2);
    await pass(300);
    await pass(250);
    assert.equal(FakeSocket.all.length, 2);
    mock.restoreAll();
  }));

test('a registration that failed for a moment is tried again', () =>
  scene({}, async ({ bus, socket, pass }) => {
    const errors = [];
    bus.registerHandler('records', { position: 'e:3' }, (error) => errors.push(error));
    socket().opens();
    socket().says({ type: 'err', address: 'records', body: 'registration_failure', message: 'register again' });
    await pass(1000);
    assert.deepEqual(socket().registered('records'), [{ position: 'e:3' }, { position: 'e:3' }]);
    assert.deepEqual(errors, []);
    socket().says({ type: 'err', address: 'records', body: 'access_denied', message: 'role viewer is needed' });
    assert.deepEqual(errors, [{ failureCode: -1, failureType: 'access_denied', message: 'role viewer is needed', code: 'access_denied' }]);
  }));

test('answers reach who asked, and a lost connection answers too', () =>
  scene({}, ({ bus, socket }) => {
    const answers = [];
    assert.throws(() => bus.send('alerts.acknowledge', {}), /INVALID_STATE_ERR/);
    socket().opens();
    bus.send('alerts.acknowledge', { fingerprint: 'f' }, (error, message) => answers.push(message.body));
    bus.send('silences.create', {}, (error) => answers.push(error.failureCode));
    bus.send('silences.create', {}, (error) => answers.push(error.failureType));
    const [first, second] = socket().sent.map((frame) => frame.replyAddress);
    socket().says({ type: 'rec', address: first, body: { done: true } }, { type: 'err', address: second, failureCode: 403, failureType: 'RECIPIENT_FAILURE', message: 'no' });
    socket().ends(1006);
    assert.deepEqual(answers, [{ done: true }, 403, 'CLOSED']);
  }));

test('several publications in one frame are several messages', () =>
  scene({}, ({ bus, socket }) => {
    const seen = [];
    bus.registerHandler('records', { position: 'new' }, (error, message) => seen.push(message.body));
    socket().opens();
    const rec = (n) => ({ type: 'rec', address: 'records', headers: { position: 'e:' + n }, body: n });
    socket().says([rec(1), rec(2)], { type: 'batch', frames: [rec(3)] });
    assert.deepEqual(seen, [1, 2, 3]);
  }));

test('the last handler to go unregisters, and one that throws harms no other', () =>
  scene({}, ({ bus, socket }) => {
    const problems = [];
    const seen = [];
    bus.onerror = (problem) => problems.push(problem.message);
    const bad = () => {
      throw new Error('mine');
    };
    const good = (error, message) => seen.push(message.body);
    socket().opens();
    bus.registerHandler('alerts', bad);
    bus.registerHandler('alerts', good);
    socket().says({ type: 'rec', address: 'alerts', body: 1 });
    assert.deepEqual([problems, seen], [['mine'], [1]]);
    bus.unregisterHandler('alerts', bad);
    assert.equal(socket().sent.length, 1);
    bus.unregisterHandler('alerts', good);
    assert.deepEqual(socket().sent.at(-1), { type: 'unregister', address: 'alerts' });
  }));

test('close is for good', () =>
  scene({}, async ({ bus, socket, pass }) => {
    socket().opens();
    bus.close();
    await pass(60_000);
    assert.equal(FakeSocket.all.length, 1);
    assert.equal(bus.state, EventBus.CLOSED);
  }));
