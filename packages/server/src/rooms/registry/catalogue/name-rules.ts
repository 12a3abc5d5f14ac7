/** Longest name of a model, in characters: what other registries can store. */
const MAX_NAME = 256;

/** Letters of no shape, or that turn the text around, make two names look alike: controls, format characters, lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;

/** What is wrong with a model's name, in words; null when it can be used. */
export function modelNameProblem(name: string): string | null {
  if (name.trim() === '') return 'it is empty';
  if (name.length > MAX_NAME) return `it has ${name.length} characters, at most ${MAX_NAME} are allowed`;
  if (/[/:\\]/.test(decodeFully(name))) return "it has '/', ':' or '\\'";
  if (name !== name.trim()) return 'it begins or ends with white space';
  if (INVISIBLE.test(decodeFully(name))) return 'it has a character that cannot be seen';
  return /^\.+$/.test(decodeFully(name)) ? 'it has nothing but dots' : null;
}

/**
 * Names with the same key are the same to people or to some program on the way: `Rain` and `rain`, `ra%69n`, full-width
 * letters, composed and decomposed accents. Only one model of a key exists at a time, and its name is the one it was given.
 */
export function modelNameKey(name: string): string {
  return decodeFully(name).normalize('NFKC').toLowerCase().normalize('NFC').trim();
}

/** Percent escapes decoded until nothing changes. What is no escape stays as it is. */
export function decodeFully(text: string): string {
  let decoded = text;
  for (;;) {
    let next: string;
    try {
      next = decodeURIComponent(decoded);
    } catch {
      return decoded;
    }
    if (next === decoded) return decoded;
    decoded = next;
  }
}
