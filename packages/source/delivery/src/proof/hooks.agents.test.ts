import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startModelServer, type ModelRequest } from '@coxswain/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compile } from '../compile/compile.ts'
import { runAgent } from './run-agent.ts'

let base = ''
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'cox-hooks-')))
})
afterAll(() => rm(base, { recursive: true, force: true, maxRetries: 5 }))

const cases = [
  { agent: 'claude', target: 'claude', below: 'no hook runs', flags: () => [] },
  {
    agent: 'codex',
    target: 'agents',
    below: 'its hooks run',
    // Codex runs none, and says nothing, until its user trusts the project and has reviewed the hooks.
    flags: (root: string) => ['--dangerously-bypass-hook-trust', '-c', `projects={ "${root}" = { trust_level = "trusted" } }`],
  },
  { agent: 'gemini', target: 'gemini', below: 'no hook runs', flags: () => [] },
] as const

const hooks = [
  ['after-edit', 'src/**', 'MARK-edited'],
  ['after-edit', 'docs/**', 'MARK-elsewhere'],
  ['before-edit', 'secret/**', 'MARK-refused'],
  ['before-commit', 'src/**', 'MARK-committing'],
  ['before-stop', '**', 'MARK-stopped'],
] as const

test.for(cases)('$agent runs the compiled hooks in their scope, and the model reads what they say', async (one) => {
  const { agent, target, flags } = one
  const root = join(base, agent, 'a ré po')
  for (const [index, [on, scope, mark]] of hooks.entries())
    await write(root, `harness/constraints/hook-${index}.md`, constraintText(`hook-${index}`, { on, scope, mark }))
  await write(root, 'harness/compile.yaml', `targets: [${target}, hooks]\n`)
  await write(root, 'say.mjs', 'console.log(process.argv[2])\nprocess.exitCode = 1\n')
  for (const folder of ['src', 'docs', 'secret']) await write(root, `${folder}/old.txt`, 'old\n')
  spawnSync('git', ['init', '--quiet', root])
  const report = await compile({ root })
  expect(report.problems.filter((problem) => problem.severity === 'error')).toEqual([])
  const model = await startModelServer({
    script: {
      hello: [
        { tools: [{ kind: 'write', path: 'src/new.txt', content: 'text\n' }] },
        { tools: [{ kind: 'write', path: 'secret/new.txt', content: 'text\n' }] },
        { tools: [{ kind: 'command', command: 'git add --all && git commit --message x' }] },
        { text: 'done' },
        { text: 'really done' },
      ],
    },
  })
  try {
    const prompt = '[scenario:hello] go'
    await runAgent({ agent, cwd: root, home: join(base, 'home', agent), modelUrl: model.url, prompt, flags: flags(root) })
    expect([existsSync(join(root, 'src/new.txt')), existsSync(join(root, 'secret/new.txt'))]).toEqual([true, false])
    expect(spawnSync('git', ['-C', root, 'rev-parse', '--verify', '--quiet', 'HEAD']).status).toBe(1)
    const requests = model.requests.filter((request) => request.scenario === 'hello').map(marksOf)
    const told = ['MARK-edited', 'MARK-refused', 'MARK-committing', 'MARK-stopped']
    // Each says its word when its moment comes. The stop is held up once, although the check would fail for ever.
    expect(requests).toEqual(told.map((_, index) => told.slice(0, index).toSorted()).concat([told.toSorted()]))
  } finally {
    await model.close()
  }
})

test.for(cases)('$agent started below the root: $below', async ({ agent, target, flags, below }) => {
  const root = join(base, agent, 'below')
  const hook = { on: 'before-stop', scope: '**', mark: 'MARK-stopped' }
  await write(root, 'harness/constraints/stop.md', constraintText('stop', hook))
  await write(root, 'harness/compile.yaml', `targets: [${target}, hooks]\n`)
  await write(root, 'say.mjs', 'console.log(process.argv[2])\nprocess.exitCode = 1\n')
  await write(root, 'src/old.txt', 'old\n')
  spawnSync('git', ['init', '--quiet', root])
  await compile({ root })
  const model = await startModelServer({ script: { hello: [{ text: 'done' }, { text: 'really done' }] } })
  try {
    const [cwd, home] = [join(root, 'src'), join(base, 'home', agent)]
    await runAgent({ agent, cwd, home, modelUrl: model.url, prompt: '[scenario:hello] go', flags: flags(root) })
    const requests = model.requests.filter((request) => request.scenario === 'hello').map(marksOf)
    expect(requests).toEqual(below === 'its hooks run' ? [[], ['MARK-stopped']] : [[]])
  } finally {
    await model.close()
  }
})

async function write(root: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

function constraintText(id: string, hook: { readonly on: string; readonly scope: string; readonly mark: string }): string {
  const command = `[node, say.mjs, "${hook.mark}"]`
  return `---\nid: ${id}\nclass: proof\nseverity: warning\nscope: ['${hook.scope}']\nrungs:\n  - hook: { on: ${hook.on}, command: ${command} }\nowner: team\n---\n\n# Proved\n\n## Why\n\nw\n\n## Fix\n\nf\n`
}

function marksOf(request: ModelRequest): string[] {
  return [...new Set(JSON.stringify(request).match(/MARK-[a-z]+/g))].toSorted()
}
