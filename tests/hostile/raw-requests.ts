const HOST = 'Host: 127.0.0.1\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';

/** Bytes that are no well-formed request, each with a name for the report. */
export const RAW_REQUESTS: Readonly<Record<string, string>> = {
  'no HTTP at all': 'hello\r\n\r\n',
  'no version': 'GET /\r\n\r\n',
  'unknown version': `GET / HTTP/9.9\r\n${HOST}\r\n`,
  'unknown method': `FETCH / HTTP/1.1\r\n${HOST}\r\n`,
  'NUL in the path': `GET /\u0000 HTTP/1.1\r\n${HOST}\r\n`,
  'broken escape': `GET /api/v1/datasets/%zz HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
  'overlong UTF-8': `GET /api/v1/datasets/%c0%ae HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
  'no host': 'GET /readyz HTTP/1.1\r\nConnection: close\r\n\r\n',
  'two hosts': `GET /api/v1/datasets HTTP/1.1\r\n${HOST}Host: evil.example\r\nConnection: close\r\n\r\n`,
  'foreign absolute target': `GET http://evil.example/api/v1/datasets HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
  'length and chunks': `POST /api/v1/runs HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'two lengths': `POST /api/v1/runs HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
  'negative length': `POST /api/v1/runs HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: -1\r\n\r\n`,
  'huge length': `POST /api/v1/runs HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 99999999999999999999\r\n\r\n`,
  'broken chunk': `POST /api/v1/runs HTTP/1.1\r\n${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  'huge header': `GET /readyz HTTP/1.1\r\n${HOST}X-A: ${'a'.repeat(100_000)}\r\n\r\n`,
  'many headers': `GET /readyz HTTP/1.1\r\n${HOST}${Array.from({ length: 5000 }, (_, i) => `X-${i}: a\r\n`).join('')}\r\n`,
  'folded header': `GET /readyz HTTP/1.1\r\n${HOST}X-A: a\r\n b\r\n\r\n`,
  'bare line feeds': 'GET /readyz HTTP/1.1\nHost: 127.0.0.1\n\n',
  'upgrade to nothing': `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  'preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a TLS greeting': '\u0016\u0003\u0001\u0000\u00a5\u0001\u0000',
  'expect something': `POST /api/v1/runs HTTP/1.1\r\n${HOST}${JSON_TYPE}Expect: the-unexpected\r\nContent-Length: 2\r\n\r\n{}`,
};
