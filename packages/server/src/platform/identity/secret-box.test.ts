import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createSecretBox } from './secret-box.js';

const homes = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'fairlead-box-')));
afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true });
});
const [home = '', other = ''] = homes;

test('what was sealed opens again after a restart, for its owner and purpose only', () => {
  const sealed = createSecretBox(home, 'webhooks').seal('s3crét', 'a');
  expect(sealed).not.toContain('s3cr');
  expect(createSecretBox(home, 'webhooks').open(sealed, 'a')).toBe('s3crét');
  expect(createSecretBox(home, 'webhooks').open(sealed, 'b')).toBeNull();
  expect(createSecretBox(home, 'other').open(sealed, 'a')).toBeNull();
  expect(createSecretBox(other, 'webhooks').open(sealed, 'a')).toBeNull();
});

test('equal secrets look different, and anything else does not open', () => {
  const box = createSecretBox(home, 'webhooks');
  const sealed = box.seal('', 'a');
  expect(sealed).not.toBe(box.seal('', 'a'));
  expect(box.open(sealed, 'a')).toBe('');
  const bytes = Buffer.from(sealed, 'base64');
  for (let at = 0; at < bytes.length; at += 1) {
    const touched = Buffer.from(bytes);
    touched[at] = (touched[at] as number) ^ 1;
    expect(box.open(touched.toString('base64'), 'a')).toBeNull();
  }
  for (const text of ['', 's3cret', sealed.slice(0, 20)]) expect(box.open(text, 'a')).toBeNull();
});
