import { defineErrors } from '@fairlead/kernel';

export const releaseErrors = defineErrors('release', {
  REL_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such release',
    remedy: 'List releases with `fairlead release list`.',
  },
  REL_POLICY_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'The endpoint has no release policy',
    remedy:
      'Declare `endpoints.<name>.release` in the project file and run `fairlead apply`, or `fairlead release policy NAME FILE`.',
  },
  REL_POLICY_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The release policy contradicts itself',
    remedy: 'Correct the place named in the message and apply the project again.',
  },
  REL_WRONG_MODEL: {
    status: 409,
    fault: 'user',
    title: 'The endpoint serves another model',
    remedy: 'Ask for a release of a version of the endpoint’s own model.',
  },
  REL_WRONG_STATE: {
    status: 409,
    fault: 'user',
    title: 'The release is not in a state that allows this',
    remedy: 'Look at it with `fairlead release show ID`: its state says what comes next.',
  },
  REL_ACTIVE: {
    status: 409,
    fault: 'user',
    title: 'Another release of the endpoint is under way',
    remedy: 'Finish it, reject it or roll it back first.',
  },
  REL_SELF_APPROVAL: {
    status: 403,
    fault: 'user',
    title: 'The author may not sign',
    remedy: 'Somebody who neither asked for the release nor registered the version must sign.',
  },
  REL_ROLE_NOT_HELD: {
    status: 403,
    fault: 'user',
    title: 'The signer does not hold this role',
    remedy: 'Sign in a role that you hold; an admin grants roles with `fairlead person roles`.',
  },
  REL_ROLE_NOT_ASKED: {
    status: 409,
    fault: 'user',
    title: 'The policy asks for no signature in this role',
    remedy: 'The release says which roles are still missing.',
  },
  REL_ALREADY_SIGNED: {
    status: 409,
    fault: 'user',
    title: 'This person has signed already',
    remedy: 'Each signature must come from another person.',
  },
  REL_NOT_APPROVED: {
    status: 409,
    fault: 'user',
    title: 'The model is not approved for this environment',
    remedy: 'Take it through `fairlead release request` and the signatures its policy asks for.',
  },
  REL_ARMS_INVALID: {
    status: 409,
    fault: 'user',
    title: 'A bandit cannot run with these arms',
    remedy:
      'Name up to eight approved versions beside the candidate and the live one, each once, and a floor that leaves all their share.',
  },
  REL_ARM_INCOMPATIBLE: {
    status: 409,
    fault: 'user',
    title: 'An arm cannot answer the requests of the candidate',
    remedy:
      'Name versions with the same inputs, task and labels; `fairlead model show` prints the signature of a version.',
  },
  REL_ENVIRONMENT_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such environment',
    remedy: 'List environments with `fairlead environment list`; declare one under `environments` of the project file.',
  },
  REL_ENVIRONMENT_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The environment cannot be declared so',
    remedy: 'Correct what the message names and declare it again.',
  },
  REL_ENVIRONMENT_IN_USE: {
    status: 409,
    fault: 'user',
    title: 'The environment is in use',
    remedy:
      'Take what serves there out with `fairlead endpoint withdraw NAME --environment ENVIRONMENT` and end its releases; production and test stay. To have approvals at once, declare another environment with them.',
  },
  REL_ENVIRONMENT_OPEN: {
    status: 409,
    fault: 'user',
    title: 'The environment needs no approval',
    remedy: 'Deploy there with `fairlead endpoint deploy NAME --environment ENVIRONMENT`.',
  },
  REL_NOT_WAIVABLE: {
    status: 409,
    fault: 'user',
    title: 'The gate cannot be waived',
    remedy:
      'Mend what the gate found and request the release again; `waivers` of the release policy says what may be waived.',
  },
  REL_WAIVER_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The waiver lasts too long, or not at all',
    remedy: 'Give an end in the future, within the longest time of the release policy.',
  },
  REL_WAIVER_EXPIRED: {
    status: 409,
    fault: 'user',
    title: 'A waiver of the release has ended',
    remedy: 'Request the release again: its gates run anew, and what still fails needs another waiver.',
  },
  REL_CONFIGURATION_CHANGED: {
    status: 409,
    fault: 'user',
    title: 'The endpoint would serve the model in another way than the gates saw',
    remedy: 'Request the release again, so that its gates run and people sign with the configuration as it is now.',
  },
  REL_NOTHING_TO_ROLL_BACK: {
    status: 409,
    fault: 'user',
    title: 'There is no earlier released version to go back to',
    remedy: 'Release another version instead, or remove the endpoint’s traffic.',
  },
});
