import { defineErrors } from '@fairlead/kernel';

export const servingErrors = defineErrors('serving', {
  SRV_NAME_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The name cannot be used',
    remedy: 'Use 1 to 100 letters, digits, dots, underscores or dashes; begin with a letter or digit.',
  },
  SRV_ENDPOINT_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such endpoint',
    remedy: 'List endpoints with `fairlead endpoint list`.',
  },
  SRV_ENDPOINT_MODEL: {
    status: 409,
    fault: 'user',
    title: 'The endpoint serves another model',
    remedy: 'Declare a second endpoint for the other model: callers of this one rely on its answers.',
  },
  SRV_DEPLOYMENT_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'No such deployment',
    remedy: 'List the deployments of the endpoint.',
  },
  SRV_VERSION_NOT_FOUND: {
    status: 404,
    fault: 'user',
    title: 'This version is not served here',
    remedy: 'Leave the version out, or ask for one that the model metadata lists.',
  },
  SRV_OVERRIDE_FORBIDDEN: {
    status: 403,
    fault: 'user',
    title: 'The caller may not choose the version',
    remedy: 'Call without x-fairlead-target-version, use the test environment, or ask for the role ml-engineer.',
  },
  SRV_NOT_ROUTED: {
    status: 409,
    fault: 'user',
    title: 'The endpoint has no live version in this environment',
    remedy: 'Release a version to this environment first.',
  },
  SRV_NO_ROUTING: {
    status: 404,
    fault: 'user',
    title: 'There is no routing table',
    remedy: 'Release a version to this environment first, or name another environment.',
  },
  SRV_UNAVAILABLE: {
    status: 503,
    fault: 'system',
    title: 'The live model is not loaded',
    remedy: 'Mend the cause named in the message and restart, or release another version.',
  },
  SRV_DEPLOY_FAILED: {
    status: 422,
    fault: 'user',
    title: 'The model version cannot be served',
    remedy: 'Read the cause, mend the model and register a new version; what is live was not touched.',
  },
  SRV_SIGNATURE_MISMATCH: {
    status: 422,
    fault: 'user',
    title: 'The model file does not do what its signature says',
    remedy: 'Package the model again so that graph and signature agree.',
  },
  SRV_NOT_APPROVED: {
    status: 403,
    fault: 'user',
    title: 'The model is not approved for this environment',
    remedy: 'Request a release: gates and signatures come before this environment.',
  },
  SRV_NOT_READY: {
    status: 409,
    fault: 'user',
    title: 'A deployment that is not ready cannot receive requests',
    remedy: 'Deploy the version again and route to the new deployment.',
  },
  SRV_ROUTING_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The routing table makes no sense',
    remedy: 'Name each deployment once, with weights in 0..1 that sum to 1.',
  },
  SRV_IN_USE: {
    status: 409,
    fault: 'user',
    title: 'The deployment still receives requests',
    remedy: 'Route its share to another deployment first.',
  },
  SRV_INPUT_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The rows do not fit the model signature',
    remedy: 'Mend the listed cells; GET /api/v1/endpoints/{name}/openapi.json shows a request that works.',
  },
  SRV_TENSOR_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The inference request is not valid',
    remedy: 'Compare the request with GET /v2/models/{name}.',
  },
  SRV_UNSUPPORTED: {
    status: 400,
    fault: 'user',
    title: 'The protocol extension is not offered',
    remedy: 'GET /v2 lists the extensions that work.',
  },
  SRV_NONFINITE_OUTPUT: {
    status: 500,
    fault: 'system',
    title: 'The model answered with NaN or infinity',
    remedy: 'The request was captured: reproduce it with that row and release a mended version.',
  },
  SRV_CAPTURE_FAILED: {
    status: 503,
    fault: 'system',
    title: 'The prediction could not be recorded',
    remedy: 'Free disk space under the home folder; with capture mode sync no answer leaves unrecorded.',
  },
});
