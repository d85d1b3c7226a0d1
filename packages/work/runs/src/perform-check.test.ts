import { openRepository } from '@coxswain/host'
import { HarnessConfig } from '@coxswain/model'
import { expect, test } from 'vitest'
import type { EffectContext } from './effect-context.ts'
import { performCheck } from './perform-check.ts'
import type { JudgeRequest } from './services.ts'
import { createSampleRepository } from './testing/sample-repository.ts'

/** A run whose turn left these files, of which some were in conflict; which trees its gates were asked about. */
async function check(files: Readonly<Record<string, string>>, conflictPaths: readonly string[]) {
  await using sample = await createSampleRepository()
  for (const [path, text] of Object.entries(files)) await sample.write(path, text)
  const head = await sample.commit()
  const judged: string[] = []
  const judge = async ({ tree }: JudgeRequest) => {
    judged.push(tree)
    return { kind: 'judged', results: [] }
  }
  const repository = await openRepository(sample.root)
  const tree = await sample.git.run(['rev-parse', `${head}^{tree}`])
  const outcome = await performCheck({
    services: { repository, config: HarnessConfig.parse({ agent: 'rewriter' }), gates: { judge } },
    record: { run: { id: 'r1' }, progress: { base: head, head, tree, conflictPaths } },
    control: { pendingMessages: () => [] },
    dir: sample.root,
  } as unknown as EffectContext)
  return { outcome, isJudged: judged.length > 0, tree }
}

const marked = 'one\n<<<<<<< main\ntheirs\n=======\nmine\n>>>>>>> run\n'

test('markers that are left in a file that was in conflict fail a gate of our own, before any other is asked', async () => {
  const { outcome, isJudged, tree } = await check({ 'a.txt': marked, 'sub/b.txt': 'clean\n' }, ['a.txt', 'sub/b.txt'])
  expect([outcome, isJudged]).toEqual([
    {
      kind: 'checked',
      results: [
        {
          gate: 'conflict-markers',
          verdict: 'failed',
          exitCode: 1,
          wallMs: 0,
          excerpt: 'Conflict markers are left in:\na.txt',
          logFile: '',
          tree,
        },
      ],
    },
    false,
  ])
})

test('the gates judge where none is left, and where a file that was in no conflict only shows what one looks like', async () => {
  for (const paths of [['b.txt'], []]) {
    const { outcome, isJudged } = await check({ 'a.txt': marked, 'b.txt': 'a <<<<<<< within\n' }, paths)
    expect([outcome, isJudged]).toEqual([{ kind: 'checked', results: [], undelivered: [] }, true])
  }
})
