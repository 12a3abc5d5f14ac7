import { promisify } from 'node:util';
import { constants, deflate, gunzip, gzip, inflate } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { httpErrors } from './http-errors.js';
import type { App } from './http-types.js';

const DECODERS = { gzip: promisify(gunzip), deflate: promisify(inflate) };
const ENCODERS = { gzip: promisify(gzip), deflate: promisify(deflate) };
type Encoding = keyof typeof DECODERS;

/** Shorter answers gain nothing: they fit one packet as they are. */
const MIN_COMPRESSED_BYTES = 1024;

/**
 * Registers routes whose bodies are bytes of any content type, whole in memory within `bodyLimitBytes`. Each route inside also
 * says `config: { wholeBody: true }` and reads its body with {@link readWholeBody}.
 */
export function acceptWholeBodies(app: App, addRoutes: (scope: App) => void): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    addRoutes(scope as unknown as App);
  });
}

/**
 * The body of a request, with its content encoding (gzip, deflate) undone; empty when there is none.
 *
 * @throws HTTP_ENCODING_REFUSED, HTTP_ENCODING_BROKEN, HTTP_BODY_TOO_LARGE when it grows beyond `limitBytes`
 */
export async function readWholeBody({ body, headers }: FastifyRequest, limitBytes: number): Promise<Buffer> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const named = headers['content-encoding']?.trim().toLowerCase();
  if (named === undefined || named === 'identity' || named === '') return bytes;
  if (!isEncoding(named)) {
    throw httpErrors.HTTP_ENCODING_REFUSED(`Content-Encoding: ${named.slice(0, 40)} is not one this route takes.`, {
      data: { got: named.slice(0, 40), expected: Object.keys(DECODERS) },
    });
  }
  try {
    return await DECODERS[named](bytes, { maxOutputLength: limitBytes });
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw httpErrors.HTTP_BODY_TOO_LARGE(`Without its ${named} the body is larger than ${limitBytes} bytes.`, {
        data: { limitBytes },
      });
    }
    throw httpErrors.HTTP_ENCODING_BROKEN(`The body says that it is ${named}, and cannot be read as that.`, { cause });
  }
}

/** The answer in the encoding that the caller asks for, when it is long enough to gain by it; sets the headers for that. */
export async function encodeAnswer(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  answer: string | Buffer,
): Promise<string | Buffer> {
  const wanted = wantedEncoding(headers['accept-encoding']);
  if (wanted === undefined || answer.length < MIN_COMPRESSED_BYTES) return answer;
  reply.header('content-encoding', wanted).header('vary', 'accept-encoding');
  return ENCODERS[wanted](answer, { level: constants.Z_BEST_SPEED });
}

function wantedEncoding(accepted: string | string[] | undefined): Encoding | undefined {
  if (accepted === undefined) return undefined;
  const offered = String(accepted)
    .toLowerCase()
    .split(',')
    .map((part) => part.trim().split(/\s*;\s*q=/));
  const isWanted = (name: string) => offered.some(([offer, weight = '1']) => offer === name && Number(weight) > 0);
  return (['gzip', 'deflate'] as const).find(isWanted);
}

const isEncoding = (name: string): name is Encoding => Object.hasOwn(DECODERS, name);
