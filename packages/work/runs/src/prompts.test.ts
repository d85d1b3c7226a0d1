import { expect, test } from 'vitest'
import { renderPrompt, type PromptContext } from './prompts.ts'

const context: PromptContext = {
  task: { text: 'Fix the pager.', package: 'packages/pager', origin: 'cli' },
  gates: [
    { name: 'test', command: ['npm', 'test'], timeoutMs: 1_000, network: 'none' },
    { name: 'lint', command: ['npm', 'run', 'lint'], timeoutMs: 1_000, network: 'none' },
  ],
  protectedPaths: ['harness/**', '.github/**'],
}
const bare: PromptContext = { task: { text: 'Fix it.', package: null, origin: 'file:a.md' }, gates: [], protectedPaths: [] }
const result = {
  gate: 'test',
  verdict: 'failed',
  exitCode: 1,
  wallMs: 5,
  excerpt: 'expected 1, received 2',
  logFile: '',
  tree: '',
} as const

test('a task', () => {
  expect(renderPrompt({ kind: 'task', reworkReason: null }, context)).toMatchInlineSnapshot(`
    "Task (from cli):
    Fix the pager.
    Work inside \`packages/pager\` unless the task cannot be done there.

    Done means that these pass:
    - test: \`npm test\`
    - lint: \`npm run lint\`
    Do not change \`harness/**\`, \`.github/**\`, nor the files and package scripts that these commands run: a person decides about those.
    Change files only; committing and merging is done for you. The smallest correct change wins."
  `)
})

test('a task where nothing is configured', () => {
  expect(renderPrompt({ kind: 'task', reworkReason: null }, bare)).toMatchInlineSnapshot(`
    "Task (from file:a.md):
    Fix it.

    Change files only; committing and merging is done for you. The smallest correct change wins."
  `)
})

test('a task again, after its work was thrown away', () => {
  expect(renderPrompt({ kind: 'task', reworkReason: 'no new dependency' }, bare)).toMatchInlineSnapshot(`
    "Task (from file:a.md):
    Fix it.

    An earlier attempt was thrown away. The reason: no new dependency

    Change files only; committing and merging is done for you. The smallest correct change wins."
  `)
})

test('a task on a branch that is red, with what a person said about it', () => {
  const redGate = { gate: 'test', excerpt: 'expected 1, received 2' }
  expect(renderPrompt({ kind: 'task', reworkReason: null, words: 'Mend that too.' }, { ...bare, redGate }))
    .toMatchInlineSnapshot(`
    "Task (from file:a.md):
    Fix it.

    Mend that too.

    The gate "test" is red already, without any change of yours; your change has to leave it green:
    expected 1, received 2
    Change files only; committing and merging is done for you. The smallest correct change wins."
  `)
})

test('a failing gate', () => {
  expect(renderPrompt({ kind: 'gate-failure', afterMerge: false, result }, context)).toMatchInlineSnapshot(`
    "The gate "test" failed: exit code 1.
    expected 1, received 2
    Fix the cause, not the gate. Run it again with \`npm test\`."
  `)
})

test('a gate that timed out after the merge', () => {
  const timedOut = { ...result, verdict: 'timed-out', exitCode: null } as const
  expect(renderPrompt({ kind: 'gate-failure', afterMerge: true, result: timedOut }, context)).toMatchInlineSnapshot(`
    "The gate "test" failed after your change was merged with the current branch (the working tree now holds that merge): timed-out.
    expected 1, received 2
    Fix the cause, not the gate. Run it again with \`npm test\`."
  `)
})

test('a conflict, with both sides', () => {
  const prompt = renderPrompt(
    { kind: 'conflict', paths: ['a.ts', 'b.ts'], ourDiff: '-one\n+two', theirDiff: '-one\n+three' },
    context,
  )
  expect(prompt).toMatchInlineSnapshot(`
    "Your change conflicts with what landed meanwhile. The working tree holds the merge; these files have conflict markers:
    - a.ts
    - b.ts

    Resolve them so that both intentions hold, and leave no marker.

    Your change there:
    -one
    +two

    What landed:
    -one
    +three"
  `)
})

test('going on, and starting afresh', () => {
  expect(renderPrompt({ kind: 'continue', why: 'stalled' }, context)).toMatchInlineSnapshot(
    `
    "Task (from cli):
    Fix the pager.
    Work inside \`packages/pager\` unless the task cannot be done there.

    The last turn did not end well (stalled). Go on where you left off; \`git diff HEAD\` and \`git log -3\` show the work so far.

    Done means that these pass:
    - test: \`npm test\`
    - lint: \`npm run lint\`
    Do not change \`harness/**\`, \`.github/**\`, nor the files and package scripts that these commands run: a person decides about those.
    Change files only; committing and merging is done for you. The smallest correct change wins."
  `,
  )
  expect(renderPrompt({ kind: 'fresh', why: 'context-overflow' }, context)).toMatchInlineSnapshot(`
    "Task (from cli):
    Fix the pager.
    Work inside \`packages/pager\` unless the task cannot be done there.

    This is a new conversation (context-overflow). Work so far is in the working tree and in its last commit: read \`git show --stat HEAD\` first, then finish.

    Done means that these pass:
    - test: \`npm test\`
    - lint: \`npm run lint\`
    Do not change \`harness/**\`, \`.github/**\`, nor the files and package scripts that these commands run: a person decides about those.
    Change files only; committing and merging is done for you. The smallest correct change wins."
  `)
})

test("a person's words, as they are", () => {
  expect(renderPrompt({ kind: 'message', text: 'Use $(tabs) `x` {{y}}' }, context)).toBe('Use $(tabs) `x` {{y}}')
})

test('text of a task is never a template', () => {
  const text = '$& $1 ${process.env.HOME} {{secret}} %s\u001B[31m'
  expect(renderPrompt({ kind: 'task', reworkReason: null }, { ...bare, task: { ...bare.task, text } })).toContain(
    `Task (from file:a.md):\n${text}\n`,
  )
})
