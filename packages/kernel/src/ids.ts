const hex = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

// A clock set back by more than this is followed: borrowed milliseconds are never that many.
const MAX_BORROWED_MS = 100;

// Asking the system for each id's bytes by themselves took 3 % of a server that logs runs.
const random = new Uint8Array(4096);
let randomAt = random.length;

let lastMs = 0;
let lastCount = 0;

/**
 * A new identifier: UUID version 7 (RFC 9562) as 32 lower-case hex digits without dashes, so that ids sort by creation
 * time and are valid MLflow run ids. Within one process ids of the same millisecond sort in the order they were made: the
 * 12 bits after the version count up (RFC 9562 §6.2, method 1), and past 4095 the next millisecond is borrowed.
 */
export function newId(nowMs: number = Date.now()): string {
  const bytes = randomBytes16();
  let time = Math.trunc(nowMs);
  // Half of the counter's range is left to grow into.
  let count = (((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0)) & 0x7ff;
  if (time === lastMs || (time < lastMs && lastMs - time <= MAX_BORROWED_MS)) {
    time = lastMs;
    count = lastCount + 1;
    if (count > 0xfff) {
      time += 1;
      count = 0;
    }
  }
  lastMs = time;
  lastCount = count;
  for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(time / 2 ** (8 * (5 - i))) % 256;
  bytes[6] = 0x70 | (count >> 8);
  bytes[7] = count & 0xff;
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  let id = '';
  for (const byte of bytes) id += hex[byte];
  return id;
}

function randomBytes16(): Uint8Array {
  if (randomAt === random.length) {
    globalThis.crypto.getRandomValues(random);
    randomAt = 0;
  }
  randomAt += 16;
  return random.slice(randomAt - 16, randomAt);
}

/** Names of datasets, pipelines, models, endpoints…: 1–100 characters, letter or digit first, then also `. _ -`. */
export const NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$';
const namePattern = new RegExp(NAME_PATTERN);

export function isName(text: string): boolean {
  return namePattern.test(text);
}
