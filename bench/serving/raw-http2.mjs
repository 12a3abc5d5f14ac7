// @ts-check
// gRPC over HTTP/2 that costs the driver as little as raw-connection.mjs does over HTTP/1.1: headers and message are bytes made once, and
// of an answer only whether its message came is read. A client library would take more of the shared cores than the server does.

import { connect } from 'node:net';

/** Of RFC 9113. */
const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8, continuation: 9 };
const FLAG = { endStream: 1, ack: 1, endHeaders: 4 };
const HEAD_BYTES = 9;
const SETTING = { initialWindow: 4, maxFrame: 5 };
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
/** What the server may send before it hears that it was read; the driver says so each time half of it has come. */
const WINDOW_BYTES = 2 ** 30;
const DEFAULT_WINDOW_BYTES = 65_535;
/** Before a message of gRPC. */
const MESSAGE_HEAD_BYTES = 5;

/** @param {{length: number, type: number, flags?: number, stream?: number}} head */
function frameHead({ length, type, flags = 0, stream = 0 }) {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return head;
}

/** @param {number} type @param {Buffer} payload @param {{flags?: number, stream?: number}} [rest] */
const frame = (type, payload, rest = {}) =>
  Buffer.concat([frameHead({ length: payload.length, type, ...rest }), payload]);

/** @param {number} value */
function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A text of up to 126 bytes as HPACK has it, without Huffman's code (RFC 7541, 5.2). @param {string} text */
const hpackText = (text) => Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);

/**
 * The header block of a call: the first of a connection, which the server remembers, and the later ones, which refer to it as clients do.
 * @param {string} host @param {string} path
 */
function headerBlocks(host, path) {
  const post = Buffer.of(0x83, 0x86); // :method POST, :scheme http
  const remembered = [
    [0x44, path], // :path
    [0x41, host], // :authority
    [0x5f, 'application/grpc'], // content-type
  ].flatMap(([index, value]) => [Buffer.of(Number(index)), hpackText(String(value))]);
  const first = Buffer.concat([post, ...remembered, Buffer.of(0x40), hpackText('te'), hpackText('trailers')]);
  // The newest has index 62.
  return { first, later: Buffer.concat([post, Buffer.of(0x80 | 65, 0x80 | 64, 0x80 | 63, 0x80 | 62)]) };
}

/**
 * @typedef {object} Session
 * @property {() => void} call begins one more call
 * @property {() => void} end
 */

/**
 * @param {{url: string, path: string, message: Buffer}} target
 * @param {{onReady: () => void, onAnswer: (ok: boolean, startedMs: number) => void, onLost: () => void}} events
 * @returns {Session}
 */
export function openSession({ url, path, message }, { onReady, onAnswer, onLost }) {
  const { hostname, port, host } = new URL(url);
  const { first, later } = headerBlocks(host, path);
  const body = Buffer.concat([Buffer.alloc(1), uint32(message.length), message]);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let nextStream = 1;
  let isReady = false;
  let streamWindow = DEFAULT_WINDOW_BYTES;
  let maxFrame = 16_384;
  /** What may be sent on the connection. */
  let credit = DEFAULT_WINDOW_BYTES;
  let received = 0;
  let lost = false;
  /** @typedef {{startedMs: number, sent: number, credit: number, bytes: number}} Call @type {Map<number, Call>} */
  const calls = new Map();
  let begun = Buffer.alloc(0);

  /** Sends what the windows allow of a call's message. @param {number} stream @param {Call} call */
  function push(stream, call) {
    while (call.sent < body.length) {
      const length = Math.min(maxFrame, body.length - call.sent, call.credit, credit);
      if (length <= 0) return;
      const end = call.sent + length;
      const flags = end === body.length ? FLAG.endStream : 0;
      socket.write(frameHead({ length, type: FRAME.data, flags, stream }));
      socket.write(body.subarray(call.sent, end));
      call.sent = end;
      call.credit -= length;
      credit -= length;
    }
  }

  /** @param {number} stream @param {boolean} ok */
  function settle(stream, ok) {
    const call = calls.get(stream);
    if (call === undefined) return;
    calls.delete(stream);
    onAnswer(ok && call.bytes > MESSAGE_HEAD_BYTES, call.startedMs);
  }

  /** @param {Buffer} payload */
  function learn(payload) {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      const value = payload.readUInt32BE(at + 2);
      if (payload.readUInt16BE(at) === SETTING.initialWindow) streamWindow = value;
      if (payload.readUInt16BE(at) === SETTING.maxFrame) maxFrame = value;
    }
    socket.write(frame(FRAME.settings, Buffer.alloc(0), { flags: FLAG.ack }));
    if (isReady) return;
    isReady = true;
    onReady();
  }

  /** @param {number} type @param {number} flags @param {number} stream @param {Buffer} payload */
  function take(type, flags, stream, payload) {
    const call = calls.get(stream);
    if (type === FRAME.data) {
      received += payload.length;
      if (call !== undefined) call.bytes += payload.length;
      if (received > WINDOW_BYTES / 2) {
        socket.write(frame(FRAME.windowUpdate, uint32(received)));
        received = 0;
      }
    } else if (type === FRAME.settings && (flags & FLAG.ack) === 0) learn(payload);
    else if (type === FRAME.ping && (flags & FLAG.ack) === 0) {
      socket.write(frame(FRAME.ping, payload, { flags: FLAG.ack }));
    } else if (type === FRAME.windowUpdate) {
      if (stream === 0) credit += payload.readUInt32BE(0);
      else if (call !== undefined) call.credit += payload.readUInt32BE(0);
      for (const [id, waiting] of calls) push(id, waiting);
    } else if (type === FRAME.reset) settle(stream, false);
    else if (type === FRAME.goAway) socket.destroy();
    if ((type === FRAME.data || type === FRAME.headers) && (flags & FLAG.endStream) !== 0) settle(stream, true);
  }

  socket.on('connect', () => {
    const windows = Buffer.concat([Buffer.of(0, SETTING.initialWindow), uint32(WINDOW_BYTES)]);
    socket.write(Buffer.concat([PREFACE, frame(FRAME.settings, windows)]));
    socket.write(frame(FRAME.windowUpdate, uint32(WINDOW_BYTES - DEFAULT_WINDOW_BYTES)));
  });
  socket.on('data', (chunk) => {
    const bytes = begun.length === 0 ? chunk : Buffer.concat([begun, chunk]);
    let at = 0;
    socket.cork();
    while (bytes.length - at >= HEAD_BYTES) {
      const end = at + HEAD_BYTES + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      const [type = 0, flags = 0] = [bytes[at + 3], bytes[at + 4]];
      take(type, flags, bytes.readUInt32BE(at + 5) & 0x7fffffff, bytes.subarray(at + HEAD_BYTES, end));
      at = end;
    }
    socket.uncork();
    begun = bytes.subarray(at);
  });
  const lose = () => {
    if (lost) return;
    lost = true;
    onLost();
  };
  socket.once('error', lose);
  socket.once('close', lose);
  return {
    call: () => {
      const stream = nextStream;
      nextStream += 2;
      const call = { startedMs: performance.now(), sent: 0, credit: streamWindow, bytes: 0 };
      calls.set(stream, call);
      socket.cork();
      socket.write(frame(FRAME.headers, stream === 1 ? first : later, { flags: FLAG.endHeaders, stream }));
      push(stream, call);
      socket.uncork();
    },
    end: () => socket.destroy(),
  };
}
