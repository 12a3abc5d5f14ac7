export { isPrivateAddress } from './address-rules.js';
export { type OutgoingPost, type PostOutcome, postOnce } from './post-once.js';
