// @ts-check
// What imports cannot show: a rule or a numerical function that waits, reads the clock or draws its own random numbers.

import ts from 'typescript';

const IMPURE_CALLS = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'crypto.randomUUID',
  'crypto.getRandomValues',
  'process.hrtime',
]);

/**
 * Impure constructs in one file. `new Date(value)` only converts its argument and stays allowed.
 * @param {ts.SourceFile} source
 * @param {{asyncAllowed: boolean}} options num may offer async iteration; a rule may not wait at all
 * @returns {{line: number, what: string}[]}
 */
export function findImpurities(source, { asyncAllowed }) {
  /** @type {{line: number, what: string}[]} */
  const found = [];
  /** @param {ts.Node} node @param {string} what */
  const report = (node, what) =>
    found.push({ line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, what });
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (!asyncAllowed && node.kind === ts.SyntaxKind.AsyncKeyword) report(node, 'async');
    if (!asyncAllowed && (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier))) {
      report(node, 'await');
    }
    // A bare mention counts, not only a call: `const clock = Date.now` is the same leak.
    if (ts.isPropertyAccessExpression(node)) {
      const name = node.getText(source).replace(/^globalThis\./, '');
      if (IMPURE_CALLS.has(name)) report(node, name);
    }
    if (ts.isCallExpression(node) && node.expression.getText(source) === 'Date') report(node, 'Date()');
    if (ts.isNewExpression(node) && node.expression.getText(source) === 'Date' && !node.arguments?.length) {
      report(node, 'new Date()');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
