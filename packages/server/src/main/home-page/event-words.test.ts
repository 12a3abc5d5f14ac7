import { isEventKind, type RecordedEvent, systemActor } from '@fairlead/kernel';
import { describe, expect, it } from 'vitest';
import * as automation from '../../rooms/automation/index.js';
import * as data from '../../rooms/data/index.js';
import * as evaluation from '../../rooms/evaluation/index.js';
import * as governance from '../../rooms/governance/index.js';
import * as monitoring from '../../rooms/monitoring/index.js';
import * as pipelines from '../../rooms/pipelines/index.js';
import * as registry from '../../rooms/registry/index.js';
import * as release from '../../rooms/release/index.js';
import * as serving from '../../rooms/serving/index.js';
import * as tracking from '../../rooms/tracking/index.js';
import * as training from '../../rooms/training/index.js';
import { describeEvent } from './event-words.js';

const doors = [
  data,
  tracking,
  pipelines,
  training,
  evaluation,
  registry,
  serving,
  monitoring,
  release,
  governance,
  automation,
];
const kinds = doors.flatMap((door) => Object.values(door)).filter(isEventKind);

function entry(type: string, payload: unknown): RecordedEvent {
  const rest = { id: 'e', requestId: null, outcome: 'ok', hash: '', previousHash: '' } as const;
  return { type, payload, subject: { kind: 'model', id: 'rain' }, seq: 1, atMs: 0, actor: systemActor, ...rest };
}

describe('the words of the audit log', () => {
  it('exist for every event that a room publishes', () => {
    expect(kinds.length).toBeGreaterThan(25);
    const wordless = kinds.filter(({ type }) => describeEvent(entry(type, {})).startsWith(type));
    expect(wordless.map(({ type }) => type)).toEqual([]);
  });

  it('name the thing that changed', () => {
    expect(describeEvent(entry('registry.version-registered', { model: 'rain', version: 3 }))).toBe(
      'registered rain v3',
    );
    const moved = entry('release.rollout-moved', { model: 'rain', version: 3, weight: 0.2 });
    expect(describeEvent(moved)).toBe('moved rain v3 to 20 % of the traffic');
  });

  it('bear payloads of any shape and types nobody knows', () => {
    expect(describeEvent(entry('registry.alias-set', null))).toContain('pointed');
    expect(describeEvent(entry('other.thing-done', 7))).toBe('other.thing-done model rain');
  });
});
