import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface CuttingProxy {
  readonly url: string;
  /** The requests that were cut, as `METHOD path`. */
  readonly cut: readonly string[];
  close(): Promise<void>;
}

export interface CuttingProxyOptions {
  readonly target: string;
  /** Of the requests that come for the first time, those whose answer must not arrive. */
  readonly cuts: (method: string, path: string) => boolean;
  /** Gives such a request to the server and ends the connection to it; its sender is cut off afterwards. */
  readonly give: (socket: Socket, request: string) => Promise<void>;
}

/** Passes requests on; the first of each kind that `cuts` names reaches the server whole and its sender never hears of it. */
export async function startCuttingProxy({ target, cuts, give }: CuttingProxyOptions): Promise<CuttingProxy> {
  const { hostname, port, host } = new URL(target);
  const seen = new Set<string>();
  const cut: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url: path = '' } = incoming;
    const body = await buffer(incoming);
    const key = `${method} ${path} ${body}`;
    if (!cuts(method, path) || seen.has(key)) return passOn(incoming, outgoing, body);
    seen.add(key);
    cut.push(`${method} ${path}`);
    const head = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, 'Content-Type: application/json'];
    const socket = connect(Number(port), hostname).resume();
    socket.on('error', () => undefined);
    const text = `${[...head, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`;
    await give(socket, text);
    incoming.socket.destroy();
  });
  const passOn = (incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer) => {
    const { method, url: path, headers } = incoming;
    const onward = request({ hostname, port, method, path, headers: { ...headers, host } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    // A server that is down is a connection that breaks.
    onward.once('error', () => incoming.socket.destroy());
    onward.end(body);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
