export const NOT_EVALUATED = 'nobody has evaluated the version here';

/** To four places, as people read it. */
export const rounded = (value: number): string => (Math.round(value * 1e4) / 1e4).toString();
