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

test('claude runs the compiled hooks, and the model reads what they say', async () => {
  const root = join(base, 'tree')
  const hooks = { 'after-edit': 'MARK-edited', 'before-stop': 'MARK-stopped' }
  for (const [on, mark] of Object.entries(hooks))
    await write(root, `harness/constraints/${on}.md`, constraintText(on, `[node, say.mjs, "${mark}"]`))
  await write(root, 'harness/compile.yaml', 'targets: [claude, hooks]\n')
  await write(root, 'say.mjs', 'console.log(process.argv[2])\nprocess.exitCode = 1\n')
  const report = await compile({ root })
  expect(report.problems.filter((problem) => problem.severity === 'error')).toEqual([])
  const file = join(root, 'new.txt')
  const model = await startModelServer({
    script: {
      hello: [
        { tools: [{ kind: 'raw', name: 'Write', input: { file_path: file, content: 'text\n' } }] },
        { text: 'done' },
        { text: 'really done' },
      ],
    },
  })
  try {
    const prompt = '[scenario:hello] go'
    await runAgent({ agent: 'claude', cwd: root, home: join(base, 'home'), modelUrl: model.url, prompt })
    expect(await readFile(file, 'utf8')).toBe('text\n')
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
