import { messageOf } from '@fairlead/kernel';
import { brokerErrors } from '../broker-errors.js';

/** What the client's errors have beyond those of JavaScript. */
interface KafkaError {
  readonly name?: unknown;
  /** Of errors that the broker answered: the protocol's name, for example UNKNOWN_TOPIC_OR_PARTITION. */
  readonly type?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}

const TLS_CODE = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL)/;
const TLS_TEXT = /self[- ]signed|certificate|ssl routines|altnames/i;

/** Compression that nobody has named yet, and what is no batch of records. */
const UNREADABLE = /^KafkaJS(NotImplemented|PartialMessageError|UnsupportedMagicByteInMessageSet)$/;

/** The error of the platform for one of the client, by what lies at its bottom. `doing` begins a sentence: “Topic days”. */
export function kafkaFault(error: unknown, doing: string) {
  const chain = [...causesOf(error)];
  const text = `${doing}: ${messageOf(chain.at(-1) ?? error)}`.replace(/\.?$/, '.');
  const options = { cause: error };
  const types = chain.map(({ type }) => String(type ?? ''));
  if (types.some((type) => type.endsWith('AUTHORIZATION_FAILED')) || chain.some(isAuthentication)) {
    return brokerErrors.BRK_UNAUTHORISED(text, options);
  }
  if (types.some((type) => type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'INVALID_TOPIC_EXCEPTION')) {
    return brokerErrors.BRK_SOURCE_INVALID(text, options);
  }
  if (chain.some(({ code, name }) => code === 'BRK_UNREADABLE' || UNREADABLE.test(String(name ?? '')))) {
    return brokerErrors.BRK_UNREADABLE(text, options);
  }
  const untrusted = chain.some((one) => TLS_CODE.test(String(one.code ?? '')) || TLS_TEXT.test(messageOf(one)));
  if (untrusted) return brokerErrors.BRK_UNTRUSTED(text, options);
  return brokerErrors.BRK_UNREACHABLE(text, options);
}

function isAuthentication({ name, type }: KafkaError): boolean {
  return name === 'KafkaJSSASLAuthenticationError' || type === 'SASL_AUTHENTICATION_FAILED';
}

/** The error and what caused it, the outermost first. */
function* causesOf(error: unknown): Generator<KafkaError> {
  let at: unknown = error;
  for (let depth = 0; depth < 10 && typeof at === 'object' && at !== null; depth += 1) {
    yield at;
    at = (at as KafkaError).cause;
  }
}
