import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';

export interface GrpcAnswer {
  readonly status: number;
  readonly text: string;
  /** The message, or nothing when the call failed. */
  readonly message: Buffer;
}

export interface TestGrpcClient {
  call(path: string, message: Buffer, headers?: OutgoingHttpHeaders): Promise<GrpcAnswer>;
  /** Bytes as they are, instead of one framed message. */
  send(path: string, bytes: Buffer, headers?: OutgoingHttpHeaders): Promise<GrpcAnswer>;
  readonly session: ClientHttp2Session;
  close(): void;
}

export function frame(message: Buffer, compressed = 0): Buffer {
  const head = Buffer.alloc(5);
  head[0] = compressed;
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** A client of gRPC that knows nothing of the server's code. */
export function openGrpcClient(address: string): TestGrpcClient {
  const session = connect(`http://${address}`);
  session.on('error', () => {});
  const send: TestGrpcClient['send'] = (path, bytes, headers = {}) =>
    new Promise((resolve, reject) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        te: 'trailers',
        'content-type': 'application/grpc',
        ...headers,
      });
      let status: number | undefined;
      let text = '';
      const chunks: Buffer[] = [];
      const read = (seen: Record<string, unknown>) => {
        if (seen['grpc-status'] === undefined) return;
        status = Number(seen['grpc-status']);
        text = decodeURIComponent(String(seen['grpc-message'] ?? ''));
      };
      stream.on('response', read);
      stream.on('trailers', read);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('error', reject);
      stream.once('close', () => resolve({ status: status ?? -1, text, message: Buffer.concat(chunks).subarray(5) }));
      stream.end(bytes);
    });
  return {
    send,
    call: (path, message, headers) => send(path, frame(message), headers),
    session,
    close: () => session.destroy(),
  };
}
