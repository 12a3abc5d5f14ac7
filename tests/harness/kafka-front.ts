import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';

const API = { saslHandshake: 17, apiVersions: 18, saslAuthenticate: 36 };
const AUTHENTICATION_FAILED = 58;

export interface FrontOptions {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly user: string;
  readonly password: string;
}

/** Stands before the one broker of a cluster that knows neither TLS nor passwords, and asks for both (SASL PLAIN). */
export interface KafkaFront {
  /** host:port, which also stands in the broker's answers instead of its own. */
  readonly host: string;
  /** Closes the connections on which nothing was said for so long, as brokers do after ten minutes; resolves with their number. */
  closeIdle(idleMs: number): number;
  close(): Promise<void>;
}

export async function startKafkaFront(broker: string, options: FrontOptions): Promise<KafkaFront> {
  const target = Number(broker.split(':')[1]);
  const open = new Set<Socket>();
  const heardMs = new Map<TLSSocket, number>();
  const server = createServer({ cert: options.cert, key: options.key }, (socket) => {
    const onward = connect(target, '127.0.0.1');
    heardMs.set(socket, performance.now());
    socket.on('data', () => heardMs.set(socket, performance.now()));
    socket.once('close', () => heardMs.delete(socket));
    for (const one of [socket, onward]) {
      open.add(one);
      one.on('error', () => undefined);
      one.once('close', () => {
        open.delete(one);
        socket.destroy();
        onward.destroy();
      });
    }
    pass(socket, onward, { ...options, from: target, to: (server.address() as AddressInfo).port });
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    closeIdle: (idleMs) => {
      const idle = [...heardMs].filter(([, atMs]) => performance.now() - atMs > idleMs);
      for (const [socket] of idle) socket.destroy();
      return idle.length;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

type PassOptions = FrontOptions & { from: number; to: number };

function pass(socket: TLSSocket, onward: Socket, { user, password, from, to }: PassOptions): void {
  const asked = new Set<number>();
  let authenticated = false;
  eachFrame(socket, (frame) => {
    const api = frame.readInt16BE(0);
    const id = frame.readInt32BE(4);
    const body = frame.subarray(10 + Math.max(0, frame.readInt16BE(8)));
    if (api === API.saslHandshake) {
      send(socket, Buffer.concat([int32(id), int16(0), int32(1), text('PLAIN')]));
    } else if (api === API.saslAuthenticate) {
      authenticated = body.subarray(4).toString() === `\0${user}\0${password}`;
      const result = authenticated
        ? [int16(0), int16(-1)]
        : [int16(AUTHENTICATION_FAILED), text('Authentication failed')];
      send(socket, Buffer.concat([int32(id), ...result, int32(0)]));
    } else if (api === API.apiVersions || authenticated) {
      if (api === API.apiVersions) asked.add(id);
      send(onward, frame);
    } else {
      socket.destroy();
    }
  });
  const place = (port: number) => Buffer.concat([text('127.0.0.1'), int32(port)]);
  eachFrame(onward, (frame) => {
    if (asked.delete(frame.readInt32BE(0))) {
      send(socket, withSasl(frame));
      return;
    }
    for (let at = frame.indexOf(place(from)); at >= 0; at = frame.indexOf(place(from))) place(to).copy(frame, at);
    send(socket, frame);
  });
}

/** The answer to ApiVersions 0 to 2, with the two kinds of requests that we answer ourselves. */
function withSasl(frame: Buffer): Buffer {
  const count = frame.readInt32BE(6);
  const end = 10 + 6 * count;
  const more = [API.saslHandshake, API.saslAuthenticate].map((api) => Buffer.concat([int16(api), int16(0), int16(0)]));
  return Buffer.concat([frame.subarray(0, 6), int32(count + 2), frame.subarray(10, end), ...more, frame.subarray(end)]);
}

function eachFrame(socket: Socket, take: (frame: Buffer) => void): void {
  let gathered = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    gathered = Buffer.concat([gathered, bytes]);
    while (gathered.length >= 4 && gathered.length >= 4 + gathered.readInt32BE(0)) {
      const end = 4 + gathered.readInt32BE(0);
      const frame = Buffer.from(gathered.subarray(4, end));
      gathered = gathered.subarray(end);
      take(frame);
    }
  });
}

const send = (socket: Socket, frame: Buffer) => socket.write(Buffer.concat([int32(frame.length), frame]));
function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
const text = (value: string) => Buffer.concat([int16(value.length), Buffer.from(value)]);
