import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  artifactPathProblem,
  canonicalPath,
  foldersAbove,
  treeAddressOf,
  treeAddressProblem,
  treePathOf,
} from './artifact-path-rules.js';

const HOSTILE = [
  '',
  '.',
  '..',
  './a',
  'a/.',
  'a/..',
  '../a',
  'a/../b',
  'a/../../../../etc/passwd',
  '/etc/passwd',
  '//host/share',
  'a//b',
  'a/',
  '/',
  'C:',
  'C:/windows',
  'c:windows',
  'a/C:/windows',
  '\\\\host\\share',
  'a\\..\\b',
  'a\\b',
  'a\0b',
  'a\nb',
  'a\u007fb',
  'a\u0085b',
  'a\ud800b',
  '%2e%2e',
  '%2e%2e/a',
  'a/%2E%2e/b',
  'a/.%2e/b',
  '%2e%2e%2fa',
  '..%2f..%2fa',
  'a/%252e%252e/b',
  'a/%25252e%25252e%25252fb',
  '%2fetc',
  '%252fetc',
  'a%00b',
  'a%2500b',
  'a%5cb',
  'a%255c..%255cb',
  '%43%3a/windows',
  'C%3A/windows',
  'a/%c0%ae%c0%ae/b',
  'a%c0%afb',
  'a/%e0%80%ae%e0%80%ae/b',
  'a/%f0%80%80%ae/b',
  'a/%25c0%25ae%25c0%25ae/b',
  '\uff0e\uff0e/a',
  'a/\u2025/b',
  'a/\u2024\u2024/b',
  '\uff0e\uff0e\uff0fa',
  '\uff0e\uff0e\uff3ca',
  '%ef%bc%8e%ef%bc%8e/a',
  ' a',
  'a /b',
  'a/b\u3000',
  'x'.repeat(256),
  `${'x/'.repeat(1000)}x`,
  '\u{1f6a2}'.repeat(501),
];

const LEGAL = [
  'MLmodel',
  'model/model.onnx',
  '0/4f3c/artifacts/plots/roc.png',
  '100%.txt',
  '100%25.txt',
  '50% of it/a%b%zz',
  'a%2fb',
  'größe/résumé.html',
  'データ/模型.bin',
  '\u{1f6a2} ship.txt',
  'metric: loss (1).png',
  'a b/c d',
  'a#b?c;d&e=f',
  // Made by MLflow's log_image: what looks like %17 is none.
  'images/imgs%step%1%timestamp%1795261885610%q04583e0.png',
  'a%0ab',
  '....',
  '...',
  'a..b',
  '..a',
  'a.',
  '.hidden',
  '℅/½',
  'it\'s $HOME `x` * | > < "y"',
];

describe('the judge of paths', () => {
  it.each(HOSTILE)('refuses %j', (path) => {
    expect(artifactPathProblem(path)).toEqual(expect.any(String));
  });

  it.each(LEGAL)('accepts %j', (path) => {
    expect(artifactPathProblem(path)).toBeNull();
    expect(artifactPathProblem(canonicalPath(path))).toBeNull();
  });

  it('lets no accepted path out of its folder, however often it is decoded', () => {
    const alphabet = [
      '.',
      '..',
      '/',
      '\\',
      '%',
      '2e',
      '2f',
      '25',
      '5c',
      '00',
      'c0',
      'ae',
      'a',
      'C:',
      '\uff0e',
      '\uff0f',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...alphabet), { maxLength: 24 }), (pieces) => {
        const path = pieces.join('');
        if (artifactPathProblem(path) !== null) return;
        for (let form = path; ; ) {
          expect(leaves(form)).toBe(false);
          expect(leaves(form.normalize('NFKC'))).toBe(false);
          const next = decodeLoosely(form);
          if (next === form) return;
          form = next;
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it('never leaves the folder it is joined to, on any system', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('.', '/', '\\', 'a', ':', '\0', ' ') }), (path) => {
        if (artifactPathProblem(path) !== null) return;
        expect(posix.resolve('/root/run', path)).toMatch(/^\/root\/run\/./);
        expect(win32.resolve('D:\\root\\run', path)).toMatch(/^D:\\root\\run\\./);
      }),
    );
  });

  it('accepts every name that a file system of Unix has, up to the few that it refuses in words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (name) => {
        const problem = artifactPathProblem(name);
        const odd =
          /[/\\%\p{Cc}\p{Cs}]|^\s|\s$|^\.{1,2}$|^[A-Za-z]:/u.test(name.normalize('NFKC')) || name.trim() !== name;
        if (!odd) expect(problem).toBeNull();
      }),
    );
  });

  it('keeps two spellings of one name as one and two names apart by case', () => {
    expect(canonicalPath('e\u0301')).toBe(canonicalPath('\u00e9'));
    expect(canonicalPath('A')).not.toBe(canonicalPath('a'));
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        (path) => canonicalPath(canonicalPath(path)) === canonicalPath(path),
      ),
    );
  });

  it('names the folders above', () => {
    expect(foldersAbove('a/b/c')).toEqual(['a', 'a/b']);
    expect(foldersAbove('a')).toEqual([]);
  });
});

describe('the judge of addresses', () => {
  it.each(['artifacts:/0/r/artifacts', 'artifacts:/0/r/a b%/ü'])('accepts %s', (address) => {
    expect(treeAddressProblem(address)).toBeNull();
    expect(treeAddressOf(treePathOf(address) ?? '')).toBe(address);
  });

  it.each([
    'artifacts:',
    'artifacts:/',
    'artifacts://host/a',
    'artifacts:///etc',
    'Artifacts:/a',
    'file:///etc',
    '/etc',
    'http://169.254.169.254/',
    'artifacts:/a/../b',
    'artifacts:/a#b',
    'artifacts:/a?b',
    'artifacts:/a;b',
    'artifacts:/a%23/../b',
    'artifacts:/a%23b',
    'artifacts:/a%253fb',
    'artifacts:/a%3b/b',
    '',
  ])('refuses %j', (address) => {
    expect(treeAddressProblem(address)).toEqual(expect.any(String));
  });
});

function leaves(path: string): boolean {
  let depth = 0;
  for (const part of path.split(/[\\/]/)) {
    depth += part === '..' ? -1 : 1;
    if (depth < 0) return true;
  }
  return path.startsWith('/') || path.startsWith('\\') || /^[A-Za-z]:/.test(path) || path.includes('\0');
}

function decodeLoosely(path: string): string {
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    const bytes = Buffer.from(escapes.replaceAll('%', ''), 'hex');
    const text = bytes.toString('utf8');
    return text.includes('\ufffd') ? bytes.toString('latin1') : text;
  });
}
