import { type Html, type HtmlValue, html } from '../../../platform/http/index.js';

/** Coordinates with two decimals: equal facts give equal bytes. */
export const at = (value: number): string => (Math.round(value * 100) / 100).toString();

export type Scale = (value: number) => number;

/** A straight line from `domain` to `range`; an empty domain maps to the middle. */
export function linear([d0, d1]: readonly [number, number], [r0, r1]: readonly [number, number]): Scale {
  return (value) => (d1 === d0 ? (r0 + r1) / 2 : r0 + ((value - d0) / (d1 - d0)) * (r1 - r0));
}

/** Round numbers that cover [min, max], about `count` of them. */
export function ticks(min: number, max: number, count = 5): number[] {
  if (!(max > min)) return [min];
  const raw = (max - min) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

export interface Chart {
  /** Unique on the page. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** What the picture shows, in words. */
  readonly description: string;
  readonly body: HtmlValue;
  readonly caption: HtmlValue;
}

/** A picture with a name and a description for those who do not see it. */
export function chart({ id, width, height, title, description, body, caption }: Chart): Html {
  return html`<figure class="chart"><svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>${body}</svg><figcaption>${caption}</figcaption></figure>`;
}

export interface Axes {
  readonly x: Scale;
  readonly y: Scale;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Horizontal lines with their values at the left. */
export function gridY({ y, left, right }: Axes, values: readonly number[], format: (value: number) => string): Html {
  return html`${values.map(
    (value) =>
      html`<line class="grid" x1="${at(left)}" x2="${at(right)}" y1="${at(y(value))}" y2="${at(y(value))}"/><text class="tick" x="${at(left - 8)}" y="${at(y(value) + 4)}" text-anchor="end">${format(value)}</text>`,
  )}`;
}

/** Values under the bottom line. */
export function gridX({ x, top, bottom }: Axes, values: readonly number[], format: (value: number) => string): Html {
  return html`${values.map(
    (value) =>
      html`<line class="grid" x1="${at(x(value))}" x2="${at(x(value))}" y1="${at(top)}" y2="${at(bottom)}"/><text class="tick" x="${at(x(value))}" y="${at(bottom + 18)}" text-anchor="middle">${format(value)}</text>`,
  )}`;
}
