// A broadcast server on the npm package `ws`, as peer of the edge's benchmarks: every line that comes on the feed goes to every socket as one text message.
//   node ws-server.js [--batch MS] [--deflate [--no-context]]
// Ordinary: client.send(line) for each client, as the package's documentation shows. --batch MS: by hand, each line framed once, frames gathered for MS milliseconds,
// one write per socket. --deflate: permessage-deflate with the package's defaults; --no-context: without context takeover, whatever the size.
'use strict';

const net = require('node:net');
const http = require('node:http');
const { WebSocketServer, WebSocket, Sender } = require('ws');

const options = process.argv.slice(2);
const batchMs = options.includes('--batch') ? Number(options[options.indexOf('--batch') + 1]) : 0;
const noContext = { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true };
const perMessageDeflate = !options.includes('--deflate') ? false : options.includes('--no-context') ? noContext : true;

const server = http.createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate });
sockets.on('connection', socket => socket.on('error', () => socket.terminate()));

function ordinary(line) {
  for (const client of sockets.clients) {
    if (client.readyState === WebSocket.OPEN) {
      client.send(line);
    }
  }
}

let gathered = [];
function batched(line) {
  if (gathered.length === 0) {
    setTimeout(flush, batchMs);
  }
  gathered.push(...Sender.frame(Buffer.from(line), { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true }));
}

function flush() {
  const bytes = Buffer.concat(gathered);
  gathered = [];
  for (const client of sockets.clients) {
    if (client.readyState === WebSocket.OPEN) {
      client._socket.write(bytes);
    }
  }
}

const publish = batchMs > 0 ? batched : ordinary;
const feed = net.createServer(connection => {
  connection.setEncoding('utf8');
  let rest = '';
  connection.on('error', () => process.exit(1));
  connection.on('data', text => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    lines.forEach(publish);
  });
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  feed.listen(0, '127.0.0.1', () => console.log(`READY ${server.address().port} ${feed.address().port}`)));
