// @ts-check
// HTTP/1.1 over a kept connection that costs as little as it can, because drivers share the cores with the server: the request is
// bytes made once, and of an answer only status and length are read.

import { connect } from 'node:net';

/**
 * The bytes of a POST. `base64` is a body of bytes, in the place of `body`, which is sent as JSON.
 * @param {{url: string, body?: unknown, base64?: string, headers?: Record<string, string>}} request
 */
export function requestBytes({ url, body, base64, headers = {} }) {
  const { host, pathname } = new URL(url);
  const bytes = base64 === undefined ? Buffer.from(JSON.stringify(body)) : Buffer.from(base64, 'base64');
  const lines = Object.entries({ 'content-type': 'application/json', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const head = `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${bytes.length}\r\n${lines.join('')}\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

/**
 * @typedef {object} Connection one request at a time
 * @property {(bytes: Buffer) => void} send
 * @property {() => void} end
 */

/**
 * @param {string} url
 * @param {{onOpen: () => void, onAnswer: (ok: boolean) => void, onLost: () => void}} events each answer is told once; a connection that is
 *   lost takes its request with it
 * @returns {Connection}
 */
export function openConnection(url, { onOpen, onAnswer, onLost }) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  /** Of an answer whose end has not come. @type {Buffer | undefined} */
  let begun;
  let lost = false;
  socket.on('connect', onOpen);
  socket.on('data', (chunk) => {
    const answer = begun === undefined ? chunk : Buffer.concat([begun, chunk]);
    const headEnd = answer.indexOf('\r\n\r\n');
    const text = headEnd === -1 ? '' : answer.latin1Slice(0, headEnd);
    const length = /content-length: (\d+)/i.exec(text)?.[1];
    if (headEnd === -1 || (length !== undefined && answer.length < headEnd + 4 + Number(length))) {
      begun = answer;
      return;
    }
    begun = undefined;
    if (length === undefined) throw new Error(`an answer without its length: ${text}`);
    onAnswer(text.startsWith('HTTP/1.1 200'));
  });
  const lose = () => {
    if (lost) return;
    lost = true;
    onLost();
  };
  socket.once('error', lose);
  socket.once('end', lose);
  return { send: (bytes) => socket.write(bytes), end: () => socket.destroy() };
}
