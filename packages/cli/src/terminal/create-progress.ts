import { formatDuration } from '@fairlead/kernel';
import type { Io } from '../io.js';
import { withoutEscapes } from './style.js';

/** Shows that something goes on: one live line on a terminal, plain lines elsewhere. Always on standard error. */
export interface Progress {
  /** What is being done now. */
  update(text: string): void;
  /** A line that stays. */
  line(text: string): void;
  stop(): void;
}

const SHOWN_AFTER_MS = 1_000;
const PLAIN_EVERY_MS = 5_000;
const REDRAWN_EVERY_MS = 200;

const silent: Progress = { update: () => {}, line: () => {}, stop: () => {} };

export function createProgress(io: Io, { quiet = false }: { quiet?: boolean } = {}): Progress {
  if (quiet) return silent;
  return io.stderr.isTty ? liveProgress(io) : plainProgress(io);
}

function liveProgress(io: Io): Progress {
  const startedAtMs = io.nowMs();
  let text = '';
  let drawn = false;
  const clear = () => {
    if (drawn) io.stderr.write('\r\u001b[2K');
    drawn = false;
  };
  const draw = () => {
    const elapsedMs = io.nowMs() - startedAtMs;
    if (text === '' || elapsedMs < SHOWN_AFTER_MS) return;
    const tail = ` ${formatDuration(elapsedMs)}`;
    clear();
    io.stderr.write(withoutEscapes(text).slice(0, Math.max(10, io.stderr.columns - tail.length - 1)) + tail);
    drawn = true;
  };
  const timer = setInterval(draw, REDRAWN_EVERY_MS);
  timer.unref();
  return {
    update: (next) => {
      text = next;
    },
    line: (line) => {
      clear();
      io.stderr.write(`${line}\n`);
    },
    stop: () => {
      clearInterval(timer);
      clear();
    },
  };
}

function plainProgress(io: Io): Progress {
  let text = '';
  let written = '';
  let nextAtMs = io.nowMs() + SHOWN_AFTER_MS;
  const write = () => {
    if (text === written || io.nowMs() < nextAtMs) return;
    io.stderr.write(`${text}\n`);
    written = text;
    nextAtMs = io.nowMs() + PLAIN_EVERY_MS;
  };
  const timer = setInterval(write, REDRAWN_EVERY_MS);
  timer.unref();
  return {
    update: (next) => {
      text = next;
    },
    line: (line) => {
      io.stderr.write(`${line}\n`);
      text = written;
    },
    stop: () => clearInterval(timer),
  };
}
