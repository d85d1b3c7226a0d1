import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
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
  { agent: 'claude', target: 'claude', flags: () => [] },
  {
    agent: 'codex',
    target: 'agents',
    // Codex runs none, and says nothing, until its user trusts the project and has reviewed the hooks.
    flags: (root: string) => ['--dangerously-bypass-hook-trust', '-c', `projects={ "${root}" = { trust_level = "trusted" } }`],
  },
] as const

test.for(cases)('$agent runs the compiled hooks, and the model reads what they say', async ({ agent, target, flags }) => {
  const root = join(base, agent)
  const hooks = { 'after-edit': 'MARK-edited', 'before-stop': 'MARK-stopped' }
  for (const [on, mark] of Object.entries(hooks))
    await write(root, `harness/constraints/${on}.md`, constraintText(on, `[node, say.mjs, "${mark}"]`))
  await write(root, 'harness/compile.yaml', `targets: [${target}, hooks]\n`)
  await write(root, 'say.mjs', 'console.log(process.argv[2])\nprocess.exitCode = 1\n')
  spawnSync('git', ['init', '--quiet', root])
  const report = await compile({ root })
  expect(report.problems.filter((problem) => problem.severity === 'error')).toEqual([])
  const model = await startModelServer({
    script: {
      hello: [{ tools: [{ kind: 'write', path: 'new.txt', content: 'text\n' }] }, { text: 'done' }, { text: 'really done' }],
    },
  })
  try {
    const prompt = '[scenario:hello] go'
    await runAgent({ agent, cwd: root, home: join(base, 'home', agent), modelUrl: model.url, prompt, flags: flags(root) })
    expect(await readFile(join(root, 'new.txt'), 'utf8')).toBe('text\n')
    const requests = model.requests.filter((request) => request.scenario === 'hello').map(marksOf)
    // The stop is held up once, although the check would fail for ever.
    expect(requests).toEqual([[], ['MARK-edited'], ['MARK-edited', 'MARK-stopped']])
  } finally {
    await model.close()
  }
})

async function write(root: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

function constraintText(on: string, command: string): string {
  return `---\nid: ${on}\nclass: proof\nseverity: warning\nscope: ['**']\nrungs:\n  - hook: { on: ${on}, command: ${command} }\nowner: team\n---\n\n# Proved\n\n## Why\n\nw\n\n## Fix\n\nf\n`
}

function marksOf(request: ModelRequest): string[] {
  return [...new Set(JSON.stringify(request).match(/MARK-[a-z]+/g))].toSorted()
}
