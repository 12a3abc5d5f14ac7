export interface UploadSweep {
  /** Ends the sweeping; resolves when none is under way. */
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;

/** Drops forgotten uploads now and every hour. A sweep that fails is reported and tried again an hour later. */
export function sweepUploadsHourly(
  sweep: () => Promise<number>,
  onError: (error: unknown, message: string) => void,
): UploadSweep {
  let running = Promise.resolve();
  const once = () => {
    running = running.then(async () => {
      await sweep().catch((error: unknown) => onError(error, 'forgotten uploads could not be dropped'));
    });
  };
  once();
  const timer = setInterval(once, HOUR_MS);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
