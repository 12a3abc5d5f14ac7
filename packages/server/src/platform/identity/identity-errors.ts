import { defineErrors } from '@fairlead/kernel';

export const identityErrors = defineErrors('platform/identity', {
  IDN_TOKEN_REQUIRED: {
    status: 401,
    fault: 'user',
    title: 'The request carries no token',
    remedy:
      'Send Authorization: Bearer fl_… (or Basic with your name and the token as password); an admin issues tokens with `fairlead person token`.',
  },
  IDN_TOKEN_INVALID: {
    status: 401,
    fault: 'user',
    title: 'The token is not valid',
    remedy: 'Check that it is complete; ask an admin for a new one when it has expired or was revoked.',
  },
  IDN_FORBIDDEN: {
    status: 403,
    fault: 'user',
    title: 'The roles of the caller do not allow this',
    remedy: 'Ask somebody with one of the named roles, or ask an admin for the role.',
  },
  IDN_NAMED_PERSON_REQUIRED: {
    status: 403,
    fault: 'user',
    title: 'Only a named person may do this',
    remedy: 'Use the token of a person; neither the open loopback mode nor a program can sign.',
  },
  IDN_PERSON_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'There is no such person',
    remedy: 'See GET /api/v1/people for the names.',
  },
  IDN_PERSON_EXISTS: {
    status: 409,
    fault: 'user',
    title: 'The name is taken',
    remedy: 'Choose another name; names of disabled people stay taken, since the audit log refers to them.',
  },
  IDN_PERSON_DISABLED: {
    status: 409,
    fault: 'user',
    title: 'The person is disabled',
    remedy: 'Add the person under a new name.',
  },
  IDN_TOKEN_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'The person has no such token',
    remedy: 'See GET /api/v1/people/{name}/tokens for the ids.',
  },
  IDN_LAST_ADMIN: {
    status: 409,
    fault: 'user',
    title: 'Nobody would be left to grant roles',
    remedy: 'Give somebody else the role admin first.',
  },
  IDN_INVALID: {
    status: 400,
    fault: 'user',
    title: 'A name, role, label or time is not acceptable',
    remedy: 'Names: letters, digits and . _ - up to 100; tokens last 1 to 365 days; roles as in docs/guide/roles.md.',
  },
  IDN_PEPPER_UNREADABLE: {
    status: 500,
    fault: 'system',
    title: 'The key file behind the tokens cannot be used',
    remedy:
      'Restore identity-pepper in home from a backup, with 64 hex digits and mode 0600; without it no token is valid and no webhook secret opens.',
  },
});
