import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { loadPepper } from './load-pepper.js';

/** Keeps secrets that must be read again, so that a stolen copy of the database does not have them. */
export interface SecretBox {
  /** `owner` is bound in: a sealed text put beside another owner does not open. */
  seal(secret: string, owner: string): string;
  /** Null when it was sealed under another key, for another owner, or was touched. */
  open(sealed: string, owner: string): string | null;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM under a key for one purpose, derived (HKDF-SHA256, RFC 5869) from the key that lies in home beside the database.
 * Throws IDN_PEPPER_UNREADABLE.
 */
export function createSecretBox(home: string, purpose: string): SecretBox {
  const key = Buffer.from(hkdfSync('sha256', loadPepper(home), '', `fairlead ${purpose}`, 32));
  return {
    seal: (secret, owner) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(owner));
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
    },
    open: (sealed, owner) => {
      const bytes = Buffer.from(sealed, 'base64');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      try {
        const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch {
        return null;
      }
    },
  };
}
