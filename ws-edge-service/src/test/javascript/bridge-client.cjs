// Run by BridgeClientTest: node bridge-client.cjs URL TRANSPORT. The public client, unmodified: registers, receives, and finds nothing unhandled.
const EventBus = require('@vertx/eventbus-bridge-client.js');

const [, , url, transport] = process.argv;
const unhandled = [];
console.warn = console.error = (...words) => unhandled.push(words.join(' '));
const log = console.log;
console.log = (...words) => unhandled.push(words.join(' '));

const bus = new EventBus(url, {transports: [transport], vertxbus_ping_interval: 100});
const heard = {};
const finish = (problem) => {
  log(JSON.stringify({problem: problem ?? null, unhandled, heard}));
  process.exit(problem || unhandled.length > 0 ? 1 : 0);
};
setTimeout(() => finish('nothing after 20 s'), 20_000);
bus.onclose = (event) => finish(`closed ${event && event.code} ${event && event.reason}`);
bus.onopen = () => {
  for (const address of ['records', 'statistics.host']) {
    bus.registerHandler(address, (error, message) => {
      if (error) {
        finish(`${address}: ${JSON.stringify(error)}`);
        return;
      }
      heard[address] = (heard[address] ?? 0) + 1;
      if (heard.records >= 5 && heard['statistics.host'] >= 3) {
        finish();
      }
    });
  }
};
