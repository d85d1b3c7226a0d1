import { HarnessConfig } from '@coxswain/model'
import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { proofChangedBetween } from './read-proof.ts'
import { createSampleRepository } from './testing/sample-repository.ts'

const scripts = (own: Readonly<Record<string, string>>): string => `${JSON.stringify({ scripts: own })}\n`

test('what gates and set-up run is read from the base, whatever the files are called and hold', async () => {
  await using repository = await createSampleRepository()
  const { root, git, write, commit } = repository
  const gates = [
    { name: 'link', command: ['./gate.sh'] },
    { name: 'odd', command: ['sh', 'line\nbreak ü.sh'] },
    { name: 'unit', command: ['pnpm', '-r', 'test'] },
  ]
  const setup = { command: ['node', 'set up.mjs'] }
  const names = ['tools/real.sh', 'line\nbreak ü.sh', 'set up.mjs', 'ü/look.mjs']
  await symlink('tools/real.sh', join(root, 'gate.sh'))
  for (const path of names) await write(path, 'exit 1\n')
  await write('package.json', scripts({ test: 'node ü/look.mjs' }))
  await write('empty/package.json', '')
  await write('line\nbreak/package.json', scripts({ test: 'ü' }))
  await write('same/package.json', scripts({ test: 'ü' }))
  await write('bytes/package.json', '\u0000\uFFFD\n\n')
  const base = await commit()
  for (const path of names) await write(path, 'exit 0\n')
  await write('package.json', `${scripts({ test: 'node ü/look.mjs', build: 'x' })}\n\n`)
  await write('line\nbreak/package.json', scripts({ test: 'true' }))
  await rm(join(root, 'same/package.json'))
  await rm(join(root, 'gate.sh'))
  await write('gate.sh', 'exit 0\n')
  const span = { git, root, base, head: await commit() }
  const paths = ['gate.sh', ...names, 'package.json', 'line\nbreak/package.json', 'same/package.json']
  const config = HarnessConfig.parse({ gates, setup })
  const found = await proofChangedBetween(config, span, paths)
  expect(found.map(({ reason }) => reason)).toEqual([
    'gate.sh is what the gate link runs',
    'tools/real.sh is what the gate link runs',
    'line\nbreak ü.sh is what the gate odd runs',
    'set up.mjs is what the set-up runs',
    'ü/look.mjs is what the gate unit runs',
    'line\nbreak/package.json: the script test, which the gate unit runs',
    'same/package.json: the script test, which the gate unit runs',
  ])
  const freed = HarnessConfig.parse({ gates, setup, protected: ['!{tools,same}/**', '!*ü.sh', '!gate.sh', '!set up.mjs'] })
  expect((await proofChangedBetween(freed, span, paths)).map(({ path }) => path)).toEqual([
    'ü/look.mjs',
    'line\nbreak/package.json',
  ])
  expect(await proofChangedBetween(HarnessConfig.parse({}), span, paths)).toEqual([])
})

test('a file that quotes how git answers cannot take the place of another', async () => {
  await using repository = await createSampleRepository()
  const { root, git, write, commit } = repository
  const text = scripts({ test: 'node prove.mjs' })
  await write('a/package.json', '{}\n')
  await write('package.json', text)
  const base = await commit()
  const id = await git.run(['rev-parse', `${base}:package.json`])
  const weak = scripts({ test: 'true' })
  await write('package.json', weak)
  const head = await commit()
  const changed = await git.run(['rev-parse', `${head}:package.json`])
  // Listed before the other, so that what it quotes would be found first.
  await write('a/package.json', `{}\n${[id, changed].map((named) => `\n${named} blob ${text.length}\n${text}`).join('')}`)
  const span = { git, root, base, head: await commit() }
  const config = HarnessConfig.parse({ gates: [{ name: 'unit', command: ['npm', 'test'] }] })
  expect((await proofChangedBetween(config, span, ['a/package.json', 'package.json'])).map(({ reason }) => reason)).toEqual([
    'package.json: the script test, which the gate unit runs',
  ])
})
