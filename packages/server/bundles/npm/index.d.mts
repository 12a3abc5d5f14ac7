export type Row = Record<string, number | string | boolean | null | undefined>;
export interface Answer {
  label?: string;
  probabilities?: Record<string, number>;
  prediction?: number;
  [output: string]: unknown;
}
export interface Signature {
  model: string;
  digest: string;
  task: string;
  inputs: readonly { name: string; type: string; nullable: boolean; categories?: readonly string[] }[];
  labels: readonly string[];
}
export declare const signature: Signature;
/** What a caller did wrong; `where` names row and column. */
export declare class InputError extends Error {
  readonly code: 'INPUT_INVALID';
  readonly where: { row: number; column?: string };
}
export declare function load(options?: { model?: Uint8Array | ArrayBuffer | string }): Promise<{
  readonly signature: Signature;
  predict(rows: readonly Row[]): Promise<Answer[]>;
}>;
