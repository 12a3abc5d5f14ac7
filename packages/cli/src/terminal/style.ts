import type { Io, Sink } from '../io.js';

export type Paint = (text: string) => string;

/** Colours for people; plain text everywhere else. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
}

/** Colours only on a terminal, and never when NO_COLOR is set and not empty (no-color.org). */
export function styleFor(io: Io, sink: Sink): Style {
  const on = sink.isTty && (io.env.NO_COLOR ?? '') === '' && io.env.TERM !== 'dumb';
  const paint =
    (open: number, close: number): Paint =>
    (text) =>
      on && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with a control character
const ESCAPES = /\u001b\[[0-9;]*[A-Za-z]/g;

export function withoutEscapes(text: string): string {
  return text.replace(ESCAPES, '');
}
