import { expect, it } from 'vitest'
import { checkSource } from './check-source.ts'

// What a package offers is found behind its built files, which are not in git.
const unused = (manifest: Readonly<Record<string, unknown>>, folder: string): string[] =>
  checkSource({
    files: {
      'package.json': JSON.stringify({ name: 'queue', peerDependencies: { 'p-timeout': '7' }, ...manifest }),
      [`${folder}index.ts`]: "export { TimeoutError } from 'p-timeout'\nexport const queue = 1\n",
      [`${folder}inner.ts`]: 'export const inner = 1\n',
      'test/queue.test.ts': `import { queue } from '../${folder}index.ts'\nimport { other } from '../${folder}inner.ts'\n`,
    },
    rule: 'unused-export',
  }).map(({ file, what }) => `${file}: ${what.split(' ')[0]}`)

it.each(['src/', 'source/', 'lib/', ''])('the built entry of sources in "%s"', (folder) => {
  const manifest = { exports: { types: './dist/index.d.ts', default: './dist/index.js' } }
  expect(unused(manifest, folder)).toEqual([`${folder}inner.ts: inner`])
  expect(unused({ main: 'dist/index.js' }, folder)).toEqual([`${folder}inner.ts: inner`])
})

it.each(['src/', 'source/', 'lib/'])('everything in the built folder of sources in "%s"', (folder) => {
  expect(unused({ exports: { './*': './dist/*.js' } }, folder)).toEqual([])
})

it('one folder of what is built, not the others', () => {
  expect(unused({ exports: { '.': './dist/index.js', './more/*': './dist/more/*.js' } }, 'src/')).toEqual(['src/inner.ts: inner'])
})

it('a name that is passed on is no name of this file, and a default export has none', () => {
  const files = {
    'package.json': '{ "name": "queue", "main": "src/index.ts", "dependencies": { "p-timeout": "7" } }',
    'src/index.ts': "import './pass.ts'\nimport { one } from './one.ts'\n",
    'src/one.ts': 'export const one = 1\nexport default class One {}\n// default default\n',
    'src/pass.ts': "import { TimeoutError } from 'p-timeout'\n// TimeoutError\nexport { TimeoutError } from 'p-timeout'\n",
  }
  expect(checkSource({ files, rule: 'unused-export' }).map(({ fix }) => fix[0])).toEqual([
    'Delete the default export.',
    'Delete TimeoutError from the export of p-timeout.',
  ])
})

it.each(['\n', '\r\n'])(
  'removes the first, one between and the last of the dependencies, and no line end too many: %j',
  (end) => {
    const lines = [
      '{',
      '  "name": "queue",',
      '  "main": "index.ts",',
      '  "dependencies": {',
      '    "a": "1",',
      '    "zod": "4",',
      '    "z": "2"',
      '  }',
      '}',
      '',
    ]
    const text = lines.join(end)
    const files = { 'package.json': text, 'index.ts': "import 'zod'\nexport const one = 1\n" }
    const edits = checkSource({ files, rule: 'unused-dependency' }).flatMap(({ rewrite }) => rewrite?.edits ?? [])
    const after = edits
      .toSorted((a, b) => b.start - a.start)
      .reduce((all, edit) => all.slice(0, edit.start) + edit.text + all.slice(edit.end), text)
    expect(after).toBe([...lines.slice(0, 4), '    "zod": "4"', '  }', '}', ''].join(end))
  },
)

it('a manifest that only says how modules are read is no package, and what one below does not declare is found above', () => {
  const files = {
    'package.json': '{ "name": "shop", "main": "src/index.ts", "dependencies": { "zod": "4", "ms": "2", "left-pad": "1" } }',
    'src/package.json': '{ "type": "module" }',
    'src/index.ts': "import 'zod'\n",
    'src/dead.ts': 'export {}\n',
    'tool/package.json': '{ "name": "tool", "main": "index.ts", "dependencies": { "left-pad": "1" } }',
    'tool/index.ts': "import 'ms'\nimport 'left-pad'\n",
  }
  const told = (rule: string): string[] => checkSource({ files, rule }).map(({ what }) => what)
  expect(told('unused-dependency')).toEqual(['shop depends on left-pad, and nothing that relies on it names it'])
  expect(told('unused-file')).toEqual(['No entry, script or test of shop reaches this file'])
})

it('a dependency that code of another package names without declaring it is asked about, not told', () => {
  const files = {
    'package.json': '{ "name": "root", "workspaces": ["packages/*"] }',
    'packages/sign/package.json': '{ "name": "sign", "main": "index.ts", "dependencies": { "@cloud/kms": "1", "ms": "2" } }',
    'packages/sign/index.ts': 'export const sign = 1\n',
    'packages/web/package.json': '{ "name": "web", "main": "index.ts", "dependencies": { "ms": "2" } }',
    'packages/web/index.ts': "import 'ms'\nexport const external = ['@cloud/kms']\n",
  }
  expect(checkSource({ files, rule: 'unused-dependency' }).map(({ what }) => what)).toEqual([
    'sign depends on ms, and nothing that relies on it names it',
  ])
})

it('a folder that a configuration hands to a tool nobody knows is not judged', () => {
  const files = {
    'package.json': '{ "name": "tasks", "main": "src/index.ts" }',
    'src/index.ts': "import { used } from './jobs/sweep.ts'\nexport const start = used\n",
    'src/jobs/sweep.ts': 'export const used = 1\nexport const sweep = used\n',
  }
  const told = (config: string): number =>
    checkSource({ files: { ...files, [config]: "export default { dirs: ['./src/jobs'] }\n" }, rule: 'unused-export' }).length
  expect([told('runner.config.ts'), told('vite.config.ts')]).toEqual([0, 1])
})
