import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readEnvironment, runCommand } from '@coxswain/host'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Sabotage } from './read-list.ts'
import { runSabotages } from './run-sabotages.ts'

const ours = fileURLToPath(new URL('../../../../', import.meta.url))
const sum = 'packages/base/sum/src/sum.ts'
const files: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "made-up", "private": true, "type": "module" }\n',
  '.gitignore': 'node_modules/\n',
  'packages/base/sum/package.json': '{ "name": "@made-up/sum", "type": "module", "exports": "./src/sum.ts" }\n',
  [sum]:
    "export function sum(numbers: readonly number[]): number {\n  return numbers.reduce((all, one) => all + one, 0)\n}\nexport const unit = 'm'\n",
  'packages/base/sum/src/sum.test.ts':
    "import { expect, test } from 'vitest'\nimport { sum } from './sum.ts'\ntest('adds up', () => expect(sum([1, 2])).toBe(3))\n",
  // Another room, which finds the first one by its name.
  'packages/work/bill/package.json': '{ "name": "@made-up/bill", "type": "module" }\n',
  'packages/work/bill/src/bill.test.ts':
    "import { expect, test } from 'vitest'\nimport { sum } from '@made-up/sum'\ntest('a bill of three', () => expect(sum([1, 1, 1])).toBe(3))\n",
  'packages/work/red/src/red.test.ts': "import { expect, test } from 'vitest'\ntest('is red', () => expect(1).toBe(2))\n",
}

let folder: string
let root: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cox-sabotage-'))
  root = join(folder, 'root')
  // Copies of others stand elsewhere.
  vi.stubEnv('TMPDIR', join(folder, 'tmp'))
  mkdirSync(join(folder, 'tmp'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  mkdirSync(join(root, 'node_modules'))
  symlinkSync(join(ours, 'node_modules/vitest'), join(root, 'node_modules/vitest'))
  mkdirSync(join(root, 'packages/work/bill/node_modules/@made-up'), { recursive: true })
  symlinkSync('../../../../base/sum', join(root, 'packages/work/bill/node_modules/@made-up/sum'))
  await runCommand({ command: ['git', 'init', '-q'], cwd: root, env: readEnvironment() })
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const line = (change: Partial<Sabotage>): Sabotage => ({
  promise: 'SUM-1',
  breaks: 'something',
  file: sum,
  from: 'all + one',
  to: 'all - one',
  ...change,
})

async function verdictsOf(sabotages: readonly Sabotage[], signal = new AbortController().signal): Promise<string[]> {
  const verdicts = await runSabotages({ root, sabotages, env: readEnvironment(), signal, onVerdict: () => {} })
  return verdicts.map(({ kind, detail }) => `${kind}: ${detail.replaceAll(/(?<=^|\s)\/\S*\//g, '')}`)
}

test('a line is noticed by a test that fails, missed where all pass, and says nothing where no test could say anything', async () => {
  const bill = ['packages/work/bill/']
  expect(
    await verdictsOf([
      line({}),
      line({ tests: bill }),
      line({ from: "'m'", to: "'km'" }),
      line({ to: 'all +' }),
      line({ to: 'all + absent' }),
      line({ from: 'export const unit', to: "import './absent.ts'\nexport const unit" }),
      line({ from: 'all', to: 'every' }),
      line({ from: 'nowhere' }),
      line({ file: 'packages/base/sum/src/gone.ts' }),
      line({ tests: ['packages/work/red/'] }),
      line({ tests: ['packages/work/none/'] }),
      // Nothing of the lines before is left.
      line({ from: 'return numbers', to: 'return 0 * numbers' }),
    ]),
  ).toEqual([
    'noticed: adds up',
    'noticed: a bill of three',
    'missed: all tests of packages/base/sum/ pass',
    expect.stringMatching(/^unusable: `to` does not parse: /),
    'unusable: adds up: ReferenceError: absent is not defined',
    expect.stringMatching(/^unusable: .*absent\.ts/),
    'unusable: `from` occurs 2 times in packages/base/sum/src/sum.ts',
    'unusable: `from` occurs 0 times in packages/base/sum/src/sum.ts',
    'unusable: `from` occurs 0 times in packages/base/sum/src/gone.ts',
    'unusable: without it: fails: is red',
    expect.stringMatching(/^unusable: without it: /),
    'noticed: adds up',
  ])
  expect(readFileSync(join(root, sum), 'utf8')).toBe(files[sum])
  expect(copies()).toEqual([])
})

test('what is stopped leaves no copy', async () => {
  const stopped = new AbortController()
  const verdicts = runSabotages({
    root,
    sabotages: [line({}), line({})],
    env: readEnvironment(),
    signal: stopped.signal,
    onVerdict: () => stopped.abort(new Error('enough')),
  })
  await expect(verdicts).rejects.toThrow('enough')
  expect(copies()).toEqual([])
  expect(existsSync(join(root, sum))).toBe(true)
})

function copies(): readonly string[] {
  return readdirSync(join(folder, 'tmp'))
}
