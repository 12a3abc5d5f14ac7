// @ts-check
// The floor of the file bench: a bare server that writes a body to a file and sends the file back. Arguments: port, file.

import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';

const [port, file = ''] = process.argv.slice(2);
const CHUNK = 2 ** 18;

const server = createServer(async (request, response) => {
  if (request.method === 'PUT') await pipeline(request, createWriteStream(file, { highWaterMark: CHUNK }));
  if (request.method === 'PUT' || request.url === '/ready') return response.end('ok');
  response.setHeader('content-length', statSync(file).size);
  await pipeline(createReadStream(file, { highWaterMark: CHUNK }), response);
});
server.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
