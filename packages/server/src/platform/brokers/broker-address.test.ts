import { describe, expect, it } from 'vitest';
import { parseBrokerAddress, secretsOf } from './broker-address.js';

const codeOf = (text: string) => {
  try {
    parseBrokerAddress(text);
    return 'taken';
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message}`;
  }
};

describe('the address of a broker', () => {
  it('has a name that is the same however it is written, without user and secrets', () => {
    const one = parseBrokerAddress('kafka+ssl://u:p%40ss@B.example:9093,a.example?ca=/ca.pem&mechanism=scram-sha-256');
    expect(one).toMatchObject({ kind: 'kafka', tls: true, user: 'u', password: 'p@ss' });
    expect(one.name).toBe('kafka+ssl://a.example:9092,b.example:9093');
    expect(parseBrokerAddress('kafka+ssl://a.example:9092,b.example:9093').name).toBe(one.name);
    expect(parseBrokerAddress('tls://nats').name).toBe(parseBrokerAddress('nats+tls://nats:4222').name);
    expect(parseBrokerAddress('nats://[::1]').hosts).toEqual(['[::1]:4222']);
    expect(parseBrokerAddress('nats://u:a:b@n').password).toBe('a:b');
  });

  it('refuses what makes no sense, and never repeats a secret', () => {
    const wrong = {
      'http://a': 'begins with none of',
      'nats://': 'names no host',
      'nats://u:hush@a:99999': 'no host with a port',
      'nats://a?ca=/x': 'need an address with TLS',
      'nats+tls://a?cert=/x': 'cert and key go together',
      'nats://u:hush@a?password-file=/x': 'password is given more than once',
      'nats://a?password-env=X': 'a password and no user',
      'nats://a?mechanism=plain': 'mechanism is of Kafka only',
      'nats://a?colour=hush': 'option “colour”',
      'kafka://u@a': 'a user and no password',
      'kafka://u:hush@a?mechanism=md5': 'expected one of plain',
      'kafka://a?mechanism=oauthbearer': 'go together',
      'kafka://a?token-env=X': 'go together',
      'kafka://a?credentials-file=/x': 'of NATS only',
      'kafka://u:hush%zz@a': 'two hexadecimal digits',
    };
    for (const [text, why] of Object.entries(wrong)) {
      expect(codeOf(text), text).toMatch(/^BRK_ADDRESS_INVALID /);
      expect(codeOf(text), text).toContain(why);
      expect(codeOf(text), text).not.toContain('hush');
    }
  });

  it('says which file or variable is missing', () => {
    const code = (text: string) => {
      try {
        return secretsOf(parseBrokerAddress(text));
      } catch (error) {
        return `${(error as { code: string }).code} ${(error as Error).message}`;
      }
    };
    expect(code('nats://u@a?password-file=/none/such')).toMatch(
      /BRK_SECRET_MISSING The file \/none\/such, password-file/,
    );
    expect(code('nats://a?token-env=NO_SUCH_VARIABLE')).toMatch(
      /BRK_SECRET_MISSING The environment variable NO_SUCH_VARIABLE/,
    );
  });
});
