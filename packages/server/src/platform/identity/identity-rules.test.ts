import { type Actor, automationActor, ROLES, type Role, systemActor } from '@fairlead/kernel';
import { describe, expect, it } from 'vitest';
import { ACTIONS, can, localActor, requireCan, requireNamedPerson } from './index.js';

const actor = (...roles: Role[]): Actor => ({ kind: 'user', id: 'ada', roles, authenticated: true });
const mayOf = (who: Actor) => ACTIONS.filter((action) => can(who, action) && !action.endsWith(':read'));

describe('the role matrix', () => {
  it('denies what it does not name, and everything to those without a role', () => {
    for (const action of ['', 'x', 'model:delete', 'toString', '__proto__', 'constructor', 'MODEL:READ', 'model']) {
      for (const role of ROLES) expect(can(actor(role), action)).toBe(false);
      expect(can(systemActor, action)).toBe(false);
    }
    for (const action of ACTIONS) {
      expect(can(actor(), action)).toBe(false);
      expect(can(actor('root' as Role), action)).toBe(false);
    }
  });

  it.each<[Role, readonly string[]]>([
    ['viewer', []],
    ['admin', ['storage:collect', 'tracking:purge', 'person:write', 'import:write']],
    ['auditor', ['report:write']],
    [
      'product-owner',
      ['card:write', 'release:request', 'release:approve', 'gate:waive', 'endpoint:invoke', 'alert:write'],
    ],
    [
      'risk-manager',
      ['dataset:erase', 'card:write', 'release:approve', 'gate:waive', 'alert:write', 'policy:write', 'report:write'],
    ],
  ])('lets %s change only %j', (role, expected) => {
    expect(mayOf(actor(role))).toEqual(expected);
  });

  it('shows everything but people and the audit log to every role', () => {
    for (const role of ROLES) {
      const hidden = ACTIONS.filter((action) => action.endsWith(':read') && !can(actor(role), action));
      expect(hidden.every((action) => action === 'audit:read' || action === 'person:read')).toBe(true);
    }
    expect(can(actor('auditor'), 'audit:read')).toBe(true);
    expect(can(actor('data-scientist'), 'audit:read')).toBe(false);
  });

  it('lets the machine do its work but never sign, waive, erase, or change who may do what', () => {
    for (const machine of [systemActor, automationActor('retrain')]) {
      for (const action of ['pipeline:run', 'model:write', 'release:request', 'release:rollback', 'deployment:write']) {
        expect(can(machine, action)).toBe(true);
      }
      for (const action of ['release:approve', 'gate:waive', 'dataset:erase', 'person:write', 'policy:write']) {
        expect(can(machine, action)).toBe(false);
      }
    }
  });

  it('gives no machine rights to a person who claims the kind by roles', () => {
    expect(can({ ...actor(), kind: 'service' }, 'pipeline:run')).toBe(false);
    expect(can(actor('machine' as Role), 'pipeline:run')).toBe(false);
  });

  it('says which roles would be enough', () => {
    expect(() => requireCan(actor('viewer'), 'gate:waive')).toThrow(
      expect.objectContaining({
        code: 'IDN_FORBIDDEN',
        status: 403,
        data: expect.objectContaining({ roles: ['qa', 'product-owner', 'risk-manager'] }),
      }),
    );
    expect(() => requireCan(actor('risk-manager'), 'gate:waive')).not.toThrow();
  });
});

describe('a signature', () => {
  it('takes a person who is known by a token', () => {
    expect(() => requireNamedPerson(actor('qa'))).not.toThrow();
    for (const who of [localActor, systemActor, automationActor('x'), { ...actor('qa'), kind: 'service' as const }]) {
      expect(() => requireNamedPerson(who)).toThrow(expect.objectContaining({ code: 'IDN_NAMED_PERSON_REQUIRED' }));
    }
  });
});
