/** Variables that a program needs to run at all; none of them is a secret of the server. */
const KEPT = /^(PATH|HOME|USER|LANG|LC_[A-Z]+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH)$/i;

/** The environment of a process that runs somebody else's code: without the server's settings, keys and addresses. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => KEPT.test(name));
  return { ...Object.fromEntries(kept), ORT_DISABLE_TELEMETRY: '1' };
}
