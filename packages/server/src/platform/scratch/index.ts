export { removeAtExit, withScratchFolder } from './scratch.js';
