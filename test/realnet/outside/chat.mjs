// A chat over ws that drops whoever is silent. `mended`: whoever was dropped comes back.
import { WebSocket, WebSocketServer } from 'ws';

export function serve() {
  const server = new WebSocketServer({ port: 80 });
  server.on('connection', (socket) => {
    let isAlive = true;
    const heartbeat = setInterval(() => {
      if (!isAlive) socket.terminate();
      isAlive = false;
      socket.ping();
    }, 5_000);
    socket.on('pong', () => {
      isAlive = true;
    });
    socket.on('close', () => clearInterval(heartbeat));
    socket.on('message', (text) => {
      for (const each of server.clients) each.send(String(text));
    });
  });
}

export function join(show, mended) {
  const socket = new WebSocket('ws://server/');
  let heardAt = Date.now();
  const watch = setInterval(() => Date.now() - heardAt > 12_000 && socket.terminate(), 1_000);
  socket.on('ping', () => {
    heardAt = Date.now();
  });
  socket.on('error', () => {});
  socket.on('message', (text) => show(String(text)));
  socket.on('close', () => {
    clearInterval(watch);
    if (mended) setTimeout(() => join(show, mended), 1_000);
  });
  return socket;
}
