/** What the thread that hashes is told of a file that is being written. */
export type HashCommand =
  | { readonly type: 'written'; readonly path: string; readonly sizeBytes: number }
  | { readonly type: 'digest'; readonly path: string; readonly sizeBytes: number }
  | { readonly type: 'drop'; readonly path: string };

/** To each `digest`, in their order. */
export type HashReply = { readonly digest: string } | { readonly problem: string };
