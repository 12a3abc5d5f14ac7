import { readFileSync } from 'node:fs';
import { messageOf } from '@fairlead/kernel';
import { brokerErrors } from './broker-errors.js';

/** What speaks at an address. */
export type BrokerKind = 'nats' | 'kafka';

/** A broker as the operator names it: with what it takes to be let in. */
export interface BrokerAddress {
  readonly kind: BrokerKind;
  readonly tls: boolean;
  /** host:port, at least one, without repetitions. */
  readonly hosts: readonly string[];
  /** The address without user, secrets and options: how declarations, errors and logs call it. */
  readonly name: string;
  readonly user?: string;
  readonly options: BrokerOptions;
  /** The password that stands in the address itself. */
  readonly password?: string;
}

const OPTIONS = [
  ...['ca', 'cert', 'key', 'password-file', 'password-env'],
  ...['token-file', 'token-env', 'credentials-file', 'mechanism'],
] as const;
type OptionName = (typeof OPTIONS)[number];
type BrokerOptions = Readonly<Partial<Record<OptionName, string>>>;

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'];
const SCHEMES: Readonly<Record<string, { kind: BrokerKind; tls: boolean; port: number }>> = {
  nats: { kind: 'nats', tls: false, port: 4222 },
  tls: { kind: 'nats', tls: true, port: 4222 },
  'nats+tls': { kind: 'nats', tls: true, port: 4222 },
  kafka: { kind: 'kafka', tls: false, port: 9092 },
  'kafka+ssl': { kind: 'kafka', tls: true, port: 9092 },
};
const ADDRESS = /^([a-z+]+):\/\/(?:([^@/?#\s]*)@)?([^@/?#\s]+)(?:\?([^#\s]*))?$/;

/**
 * `scheme://[user[:password]@]host[:port][,host[:port]…][?option=value…]`. Files are read when a connection is opened, so that a
 * secret can be replaced without a restart.
 *
 * @param what - begins the message of the error
 * @throws BRK_ADDRESS_INVALID, without the address: it may hold a password
 */
export function parseBrokerAddress(text: string, what = 'An address in streamBrokers'): BrokerAddress {
  try {
    return parse(text);
  } catch (error) {
    throw brokerErrors.BRK_ADDRESS_INVALID(`${what} is no broker: ${messageOf(error)}.`);
  }
}

function parse(text: string): BrokerAddress {
  const [, scheme = '', userinfo = '', hostList = '', query = ''] = ADDRESS.exec(text) ?? [];
  const found = SCHEMES[scheme];
  if (found === undefined) {
    throw invalid(`it begins with none of ${Object.keys(SCHEMES).join('://, ')}://, or names no host`);
  }
  const { kind, tls, port } = found;
  const hosts = [...new Set(hostList.split(',').map((host) => hostOf(host, port)))].sort();
  const name = `${kind}${tls ? (kind === 'nats' ? '+tls' : '+ssl') : ''}://${hosts.join(',')}`;
  const [user, password] = userinfo.split(/:(.*)/s).map(decoded);
  const options = optionsOf(query);
  refuseWrongOptions({ kind, tls, name, options, user, password });
  return {
    ...{ kind, tls, hosts, name, options },
    ...(user !== undefined && user !== '' && { user }),
    ...(password !== undefined && password !== '' && { password }),
  };
}

/** What a broker asks for, read now. @throws BRK_SECRET_MISSING */
export function secretsOf({ options, password, name }: BrokerAddress): { password?: string; token?: string } {
  const read = (what: 'password' | 'token'): string | undefined => {
    const file = options[`${what}-file`];
    if (file !== undefined)
      return fileOf(file, `${what}-file`, name)
        .toString('utf8')
        .replace(/\r?\n$/, '');
    const variable = options[`${what}-env`];
    if (variable === undefined) return undefined;
    const value = process.env[variable];
    if (value !== undefined && value !== '') return value;
    throw brokerErrors.BRK_SECRET_MISSING(`The environment variable ${variable}, ${what}-env of ${name}, is not set.`);
  };
  const secret = read('password') ?? password;
  const token = read('token');
  return { ...(secret !== undefined && { password: secret }), ...(token !== undefined && { token }) };
}

/** The certificates a connection trusts and shows, in PEM, read now. @throws BRK_SECRET_MISSING */
export function certificatesOf({ options, name }: BrokerAddress): { ca?: string; cert?: string; key?: string } {
  const of = (option: 'ca' | 'cert' | 'key') => {
    const path = options[option];
    return path === undefined ? {} : { [option]: fileOf(path, option, name).toString('utf8') };
  };
  return { ...of('ca'), ...of('cert'), ...of('key') };
}

/** @throws BRK_SECRET_MISSING */
export function fileOf(path: string, option: string, broker: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const message = `The file ${path}, ${option} of ${broker}, cannot be read: ${messageOf(cause)}.`;
    throw brokerErrors.BRK_SECRET_MISSING(message, { cause });
  }
}

function hostOf(text: string, defaultPort: number): string {
  try {
    const { hostname, port } = new URL(`broker://${text}`);
    if (hostname === '') throw new Error('no host');
    return `${hostname.toLowerCase()}:${port === '' ? defaultPort : port}`;
  } catch {
    throw invalid(`“${text.slice(0, 100)}” is no host, or no host with a port in 0..65535`);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('its user or password has a % that is not followed by two hexadecimal digits');
  }
}

function optionsOf(query: string): BrokerOptions {
  const options: Partial<Record<OptionName, string>> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const known = OPTIONS.find((option) => option === name);
    if (known === undefined) throw invalid(`it has the option “${name.slice(0, 50)}”; there are ${OPTIONS.join(', ')}`);
    if (value === '' || options[known] !== undefined) throw invalid(`its option ${known} is empty or there twice`);
    options[known] = value;
  }
  return options;
}

type Parsed = Pick<BrokerAddress, 'kind' | 'tls' | 'name' | 'options'> & {
  user: string | undefined;
  password: string | undefined;
};

function refuseWrongOptions({ kind, tls, name, options, user, password }: Parsed): void {
  const refuse = (why: string) => invalid(`of ${name}, ${why}`);
  if (!tls && (options.ca ?? options.cert ?? options.key) !== undefined) {
    throw refuse('ca, cert and key need an address with TLS: nats+tls://, tls:// or kafka+ssl://');
  }
  if ((options.cert === undefined) !== (options.key === undefined)) throw refuse('cert and key go together');
  const given = [password, options['password-file'], options['password-env']].filter((one) => one !== undefined);
  if (given.length > 1) throw refuse('its password is given more than once');
  if (options['token-file'] !== undefined && options['token-env'] !== undefined)
    throw refuse('its token is given twice');
  if (given.length === 1 && (user === undefined || user === '')) throw refuse('it has a password and no user');
  if (kind === 'nats' && options.mechanism !== undefined) throw refuse('mechanism is of Kafka only');
  if (kind === 'kafka' && options['credentials-file'] !== undefined) throw refuse('credentials-file is of NATS only');
  if (options.mechanism !== undefined && !MECHANISMS.includes(options.mechanism)) {
    throw refuse(`mechanism is ${options.mechanism.slice(0, 50)}, expected one of ${MECHANISMS.join(', ')}`);
  }
  const token = options['token-file'] ?? options['token-env'];
  if (kind === 'kafka' && (options.mechanism === 'oauthbearer') !== (token !== undefined)) {
    throw refuse('mechanism=oauthbearer and a token go together');
  }
  if (kind === 'kafka' && user !== undefined && user !== '' && given.length === 0) {
    throw refuse('it has a user and no password');
  }
}

const invalid = (why: string) => new Error(why);
