export { isPrivateAddress } from './address-rules.js';
export { judgedLookup, type OutgoingPost, type PostOutcome, postOnce, refusesAddress } from './post-once.js';
