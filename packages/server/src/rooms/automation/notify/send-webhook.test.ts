import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReceiver, type Receiver } from '../automation.fixture.js';
import { sendWebhook } from './send-webhook.js';
import { signWebhook } from './sign-webhook.js';

describe('a webhook', () => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await openReceiver();
  });
  afterAll(() => receiver.close());
  const send = (url: string, allowPrivate: boolean) =>
    sendWebhook({ url, id: 'm1', timestampSeconds: 5, body: '{}', allowPrivate, signal: new AbortController().signal });

  it('is signed as the Standard Webhooks test vector says', () => {
    const signature = signWebhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampSeconds: 1614265330,
      body: '{"test": 2432232314}',
    });
    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('does not reach this machine or a private network unless that is allowed', async () => {
    const port = new URL(receiver.url).port;
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '2130706433',
      '0x7f.1',
      '0.0.0.0',
      '10.0.0.1',
      '169.254.169.254',
      '192.168.1.1',
      '[fd00::1]',
    ]) {
      await expect(send(`http://${host}:${port}/`, false), host).rejects.toMatchObject({
        code: 'AUTO_WEBHOOK_FORBIDDEN',
      });
    }
    await expect(send('file:///etc/passwd', false)).rejects.toMatchObject({ code: 'AUTO_WEBHOOK_FORBIDDEN' });
    expect(receiver.received).toHaveLength(0);
    expect(await send(receiver.url, true)).toBe(204);
    expect(await send(receiver.url.replace('127.0.0.1', 'localhost'), true)).toBe(204);
  });

  it('takes a refusal for final and a fault of the receiver for passing', async () => {
    receiver.answers.push(400, 429, 500);
    await expect(send(receiver.url, true)).rejects.toMatchObject({ code: 'AUTO_WEBHOOK_REFUSED', fault: 'user' });
    await expect(send(receiver.url, true)).rejects.toMatchObject({ code: 'AUTO_WEBHOOK_FAILED', fault: 'system' });
    await expect(send(receiver.url, true)).rejects.toMatchObject({ code: 'AUTO_WEBHOOK_FAILED' });
    await expect(send('http://127.0.0.1:1/', true)).rejects.toMatchObject({ code: 'AUTO_WEBHOOK_FAILED' });
  });
});
