// What the command line does without a server, gathered here because only main knows the rooms.
export { type FileProfile, type FileVerdict, profileFile, validateFile } from '../rooms/data/index.js';
export { verifyAuditAt } from '../rooms/governance/index.js';
export { type BundleKind, type BundleResult, bundleModel } from '../rooms/registry/index.js';
