import { formatDuration } from '@fairlead/kernel';
import { type Html, html } from '../../platform/http/index.js';

const SOON_MS = 5_000;
const MINUS = '\u2212';

/** A share for people: `73 %`, `0.4 %`. `ratio` is 0..1. */
export function percent(ratio: number): string {
  if (!Number.isFinite(ratio)) return '–';
  const value = ratio * 100;
  return `${value !== 0 && Math.abs(value) < 1 ? value.toFixed(1) : value.toFixed(0)} %`;
}

/** A number with `digits` decimals and a real minus sign. */
export function decimal(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '–';
  return value.toFixed(digits).replace('-', MINUS);
}

/** Groups of three digits, parted by a thin space. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** `1 row`, `2 rows`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `2015-03-01` of a moment, UTC. */
export function day(atMs: number): string {
  return isoText(atMs).slice(0, 10);
}

/** `2015-03-01 12:30:05 UTC`. */
export function moment(atMs: number): string {
  return `${isoText(atMs).slice(0, 19).replace('T', ' ')} UTC`;
}

/** When something was, seen from `nowMs`; the full moment is in the tooltip. */
export function ago(atMs: number, nowMs: number): Html {
  const sinceMs = nowMs - atMs;
  const text = sinceMs < SOON_MS ? 'just now' : `${roughDuration(sinceMs)} ago`;
  const iso = isoText(atMs);
  return html`<time datetime="${iso}" title="${iso}">${text}</time>`;
}

/** A state as a small coloured label. */
export function chip(text: string, tone: Tone): Html {
  return html`<span class="chip ${tone}">${text}</span>`;
}

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'calm';

/** A name that somebody gave: kept apart from the direction and the line breaks of the text around it. */
export function named(text: string): Html {
  return html`<bdi class="name">${text}</bdi>`;
}

/** One unit is enough for how long ago something was. */
function roughDuration(durationMs: number): string {
  return formatDuration(durationMs).split(' ').slice(0, 2).join(' ').replace(/\.\d/, '');
}

function isoText(atMs: number): string {
  const date = new Date(atMs);
  return Number.isNaN(date.getTime()) ? '–' : date.toISOString();
}
