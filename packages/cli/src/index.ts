export { createProgram } from './create-program.js';
