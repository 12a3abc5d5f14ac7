export const DAY_MS = 86_400_000;

export const T0 = Date.UTC(2026, 0, 1);

export const hash = (letter: string) => letter.repeat(64);

export const interval = (estimate: number, half: number) => {
  return { estimate, lower: estimate - half, upper: estimate + half, confidence: 0.95 };
};
