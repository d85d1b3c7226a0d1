import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readEnvironment, runCommand, scrubEnvironment } from '@coxswain/host'
import { agentProgramFolder, startModelServer, type ModelRequest, type ModelScript } from '@coxswain/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { context } from '../context/context.ts'
import { loadingRules } from '../context/loading-rules.ts'
import { runAgent, type ProvedAgent } from './run-agent.ts'
import { layOutTree, sampleTrees, skillTree } from './sample-trees.ts'

const agents: readonly ProvedAgent[] = ['codex', 'claude', 'gemini', 'opencode']
let base = ''

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'cox-delivery-')))
})
afterAll(() => rm(base, { recursive: true, force: true, maxRetries: 5 }))

test.for(agents)('%s is the version that its loading rules were learned from', async (agent) => {
  const { stdout } = await runCommand({
    command: [join(agentProgramFolder(), agent), '--version'],
    cwd: base,
    env: { ...scrubEnvironment(readEnvironment()), HOME: base },
  })
  expect(stdout).toContain(loadingRules[agent].version)
})

const cases = agents.flatMap((agent) => sampleTrees.map((tree) => ({ agent, tree, title: `${agent}: ${tree.name}` })))

test.for(cases)('$title', async ({ agent, tree }) => {
  const slug = tree.name.replaceAll(/[^a-zA-Z0-9]+/g, '-')
  const root = join(base, agent, slug)
  await mkdir(root, { recursive: true })
  await layOutTree(tree, root)
  const isReading = tree.read !== undefined && agent !== 'codex'
  await using model = await openModel(isReading ? readScript(agent, join(root, tree.read ?? '')) : { hello: [{ text: 'done' }] })
  await runAgent({
    agent,
    cwd: join(root, tree.cwd),
    home: join(base, 'home', agent),
    modelUrl: model.url,
    prompt: '[scenario:hello] go',
  })
  const predicted = await context({ root, folder: tree.cwd, agent, ...(isReading ? { file: tree.read ?? '' } : {}) })
  const requests = model.requests.filter((request) => request.scenario === 'hello').map(wholeText)
  const [first = ''] = requests
  expect(model.misses).toEqual([])
  expect(first).toContain(predicted.startText)
  expect(marks(first)).toEqual(marks(predicted.startText))
  if (!isReading) return
  const last = requests.at(-1) ?? ''
  for (const piece of predicted.later) expect(last).toContain(piece.text)
  expect(marks(last)).toEqual(marks([predicted.startText, ...predicted.later.map((piece) => piece.text)].join('\n')))
})

test.for(agents)('%s: skills', async (agent) => {
  const root = join(base, agent, 'skills')
  await layOutTree(skillTree, root)
  await using model = await openModel({ hello: [{ text: 'done' }] })
  const cwd = join(root, skillTree.cwd)
  await runAgent({ agent, cwd, home: join(base, 'home', agent), modelUrl: model.url, prompt: '[scenario:hello] go' })
  const { skills } = await context({ root, folder: skillTree.cwd, agent })
  const [first = ''] = model.requests.filter((request) => request.scenario === 'hello').map(wholeText)
  for (const skill of skills) expect(first.split(skill.text)).toHaveLength(2)
  expect(marks(first)).toEqual(marks(skills.map((skill) => skill.text).join('\n')))
})

function readScript(agent: ProvedAgent, file: string): ModelScript {
  const reads = {
    codex: { name: 'exec_command', input: { cmd: `cat ${file}` } },
    claude: { name: 'Read', input: { file_path: file } },
    gemini: { name: 'read_file', input: { file_path: file } },
    opencode: { name: 'read', input: { filePath: file } },
  }
  return { hello: [{ tools: [{ kind: 'raw', ...reads[agent] }] }, { text: 'done' }] }
}

async function openModel(script: ModelScript): Promise<Awaited<ReturnType<typeof startModelServer>> & AsyncDisposable> {
  const server = await startModelServer({ script })
  return { ...server, [Symbol.asyncDispose]: () => server.close() }
}

function wholeText(request: ModelRequest): string {
  return [
    request.instructions,
    ...request.entries.flatMap((entry) => ('text' in entry ? [entry.text, ...wrappedTexts(entry.text)] : [])),
  ].join('\n')
}

/** Gemini's tool results are objects of strings. */
function wrappedTexts(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? Object.values(value).filter((one) => typeof one === 'string') : []
  } catch {
    return []
  }
}

/** Each text of a tree holds one: a piece that arrives without being predicted shows. */
function marks(text: string): string[] {
  return [...new Set([...text.matchAll(/MARK-[A-Za-z]+(?:-[a-z]+)*/g)].map((match) => match[0]))].toSorted()
}
