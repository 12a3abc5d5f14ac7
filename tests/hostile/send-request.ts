import { type Agent, request } from 'node:http';
import { connect } from 'node:net';

export interface Attempt {
  readonly method: string;
  /** Path and query, already encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Uint8Array | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** Sends exactly what is asked, the Host header included, which fetch would not. Rejects when no answer comes. */
export function sendRequest(
  url: string,
  attempt: Attempt,
  options: { agent: Agent; timeoutMs: number },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const { method, path, body } = attempt;
    const headers = attempt.headers as Record<string, string | string[]>;
    const sent = request({ hostname, port, method, path, headers, agent: options.agent }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    sent.setTimeout(options.timeoutMs, () => sent.destroy(new Error(`no answer within ${options.timeoutMs} ms`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Writes bytes to the port and gives what comes back until the other side closes or is silent for `silenceMs`. */
export function sendBytes(url: string, bytes: string | Uint8Array, silenceMs: number): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let got = '';
    const done = () => {
      socket.destroy();
      resolve(got);
    };
    socket.setTimeout(silenceMs, done);
    socket.on('data', (chunk: Buffer) => {
      got += chunk.toString('latin1');
    });
    socket.on('close', done);
    socket.on('error', done);
  });
}
