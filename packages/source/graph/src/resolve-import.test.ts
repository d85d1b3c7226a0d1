import { extractFacts, type FactTree, type FileFacts } from '@coxswain/facts'
import { expect, test } from 'vitest'
import { createWorkspace } from './workspace.ts'

/** Where the imports of a file lead. */
function targetsIn(files: Readonly<Record<string, string>>, path: string): string[] {
  const facts = new Map<string, FileFacts>(
    Object.entries(files).map(([name, text]) => [name, extractFacts(name, Buffer.from(text))]),
  )
  const unchanged = { added: [], removed: [], changed: [] }
  const tree: FactTree = {
    root: '',
    facts,
    isGit: false,
    counts: { read: facts.size, parsed: facts.size },
    totals: { files: facts.size, lines: 0, bytes: 0 },
    wasSaved: false,
    earlier: null,
    refresh: async () => unchanged,
    refreshFiles: () => unchanged,
    textOf: (name) => files[name] ?? '',
    save: () => {},
  }
  return createWorkspace(tree)
    .edgesOf(path)
    .map(({ fact, target }) => {
      if (target.kind === 'missing') return `${fact.from}: missing`
      return `${fact.from}: ${target.kind} ${target.kind === 'file' ? target.path : target.name}`
    })
}

test('a module of Node is one with its prefix, without, and below; a package that is called like one is none', () => {
  const source = ['fs', 'node:fs', 'fs/promises', 'node:test', 'test', '@scope/fs', 'fs-extra']
  const files = { 'package.json': '{ "name": "one" }', 'a.ts': source.map((name) => `import '${name}'\n`).join('') }
  expect(targetsIn(files, 'a.ts')).toEqual([
    'fs: builtin fs',
    'node:fs: builtin fs',
    'fs/promises: builtin fs/promises',
    'node:test: builtin test',
    'test: external test',
    '@scope/fs: external @scope/fs',
    'fs-extra: external fs-extra',
  ])
})

test('aliases of the nearest tsconfig come first, and those of the ones around it hold too', () => {
  const paths = (entries: Readonly<Record<string, string>>): string =>
    JSON.stringify({
      compilerOptions: { paths: Object.fromEntries(Object.entries(entries).map(([name, to]) => [name, [to]])) },
    })
  const files = {
    'package.json': '{ "name": "one" }',
    'tsconfig.json': paths({ '@outer/*': './outer/*', '@both/*': './outer/*' }),
    'outer/x.ts': 'export const x = 1\n',
    'app/tsconfig.json': paths({ '@inner/*': './inner/*', '@both/*': './inner/*' }),
    'app/inner/x.ts': 'export const x = 2\n',
    'app/deep/a.ts': "import '@inner/x'\nimport '@both/x'\nimport '@outer/x'\n",
    'a.ts': "import '@both/x'\nimport '@inner/x'\n",
  }
  expect(targetsIn(files, 'app/deep/a.ts')).toEqual([
    '@inner/x: file app/inner/x.ts',
    '@both/x: file app/inner/x.ts',
    '@outer/x: file outer/x.ts',
  ])
  expect(targetsIn(files, 'a.ts')).toEqual(['@both/x: file outer/x.ts', '@inner/x: external @inner/x'])
})
