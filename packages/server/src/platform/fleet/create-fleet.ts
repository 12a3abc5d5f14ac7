import { FleetMember } from './fleet-member.js';
import type { Fleet, FleetOptions } from './fleet-types.js';

const TELL_TIMEOUT_MS = 5_000;
const MAX_PAUSE_MS = 5_000;

/** Processes of one program that share their listening sockets; none is started before `start`. See README.md. */
export function createFleet(options: FleetOptions): Fleet {
  const members = new Set<FleetMember>();
  let stopping = false;
  /** Members that ended before they listened, since the last one that did. */
  let failures = 0;

  const add = (): FleetMember => {
    const member = new FleetMember({ ...options, othersAnswer: () => [...members].some(({ listens }) => listens) });
    members.add(member);
    member.listening.then(
      () => {
        failures = 0;
      },
      () => {
        failures += 1;
      },
    );
    void member.ended.then(() => {
      members.delete(member);
      options.onLost?.(member.number);
      if (stopping) return;
      options.onError(undefined, `serving process ${member.number} (pid ${member.pid}) ended and is replaced`);
      const again = () => {
        if (!stopping) add();
      };
      if (failures === 0) again();
      else setTimeout(again, Math.min(MAX_PAUSE_MS, 100 * failures)).unref();
    });
    return member;
  };

  return {
    start: async () => {
      const started = Array.from({ length: options.size }, add);
      const [addresses] = await Promise.all(started.map(({ listening }) => listening));
      return addresses;
    },
    tell: async (change, { timeoutMs = TELL_TIMEOUT_MS, mayBeLate = false } = {}) => {
      const told = await Promise.allSettled(
        [...members].map((member) => member.tell(change, { timeoutMs, mayBeLate })),
      );
      const failed = told.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
    answering: () => [...members].filter(({ listens }) => listens).length,
    stop: async (timeoutMs) => {
      stopping = true;
      await Promise.all([...members].map((member) => member.stop(timeoutMs)));
    },
  };
}
