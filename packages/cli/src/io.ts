/** One stream to a person or a program. */
export interface Sink {
  readonly isTty: boolean;
  /** Characters per line; 80 when unknown. */
  readonly columns: number;
  write(text: string): void;
}

/** Everything of the process that commands touch, so that tests can stand in its place. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: Sink;
  readonly stderr: Sink;
  nowMs(): number;
}

function sink(stream: NodeJS.WriteStream): Sink {
  return {
    isTty: stream.isTTY === true,
    columns: stream.columns ?? 80,
    write: (text) => {
      stream.write(text);
    },
  };
}

/** The real process. */
export function processIo(): Io {
  return {
    env: process.env,
    cwd: process.cwd(),
    stdout: sink(process.stdout),
    stderr: sink(process.stderr),
    nowMs: () => Date.now(),
  };
}
