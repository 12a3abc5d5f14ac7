export { homeErrors } from './home-errors.js';
export { acquireHomeLock, type HomeLock } from './home-lock.js';
