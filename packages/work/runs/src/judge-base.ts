import { tipOf } from '@coxswain/host'
import { abortable } from '@coxswain/kernel'
import type { GateResult, Run } from '@coxswain/model'
import type { EffectContext } from './effect-context.ts'
import { gatesOf, judgeTree } from './judge-tree.ts'
import { targetOf } from './target.ts'
import type { RunServices } from './services.ts'

/** What one worker knows of bases. What passed is in the gate cache, for all workers and for ever. */
export interface BaseJudgements {
  /** By tree and gates: who is judged at this moment is judged once, however many runs grow from it. */
  readonly underWay: Map<string, Promise<GateResult | null>>
  readonly red: Map<string, { readonly result: GateResult; readonly at: number }>
}

export function openBaseJudgements(): BaseJudgements {
  return { underWay: new Map(), red: new Map() }
}

/** The first gate that is red on a commit of the landing branch, without any change of the run; null when all pass. */
export async function judgeBase(
  context: EffectContext,
  base: { readonly tree: string; readonly commit: string },
): Promise<GateResult | null> {
  const { services, record } = context
  const gates = gatesOf(services.config, 'base')
  if (await services.gates.havePassed(gates, base.tree)) return null
  const key = [base.tree, ...gates.map((gate) => services.gates.definitionOf(gate))].join(' ')
  const known = services.baseJudgements.red.get(key)
  // Whoever was asked for after that, or is sent on by a person, may stand in a world that was mended outside of git.
  if (known !== undefined && record.progress.leg === 1 && record.run.createdAt <= known.at) return known.result
  await services.journal.notice(
    record.run.id,
    `the gates run on ${targetOf(record.run, services)} (${base.commit.slice(0, 10)}), once for all runs from there`,
  )
  for (;;) {
    const underWay = services.baseJudgements.underWay.get(key)
    if (underWay === undefined) return judgeForAll(key, () => judgeTree(context, { ...base, base: base.commit }, gates), context)
    // One that was interrupted leaves its place to the next.
    const found = await abortable(
      underWay.then((red) => ({ red })).catch(() => null),
      AbortSignal.any([context.interrupt, context.shutdown]),
    )
    if (found !== null) return found.red
  }
}

/** The commit of a run's target, where its gates are known to pass on it; null where they do not, or nobody knows. */
export async function greenTip(run: Pick<Run, 'target'>, services: RunServices): Promise<string | null> {
  const tip = await tipOf(services.repository.git, targetOf(run, services))
  if (tip === null) return null
  const { harnesses } = services
  const config = await harnesses.read(await harnesses.find(tip.commit))
  const { gates } = await services.under(config)
  return (await gates.havePassed(gatesOf(config, 'base'), tip.tree)) ? tip.commit : null
}

const mostRed = 100

async function judgeForAll(
  key: string,
  judge: () => Promise<readonly GateResult[]>,
  { services }: EffectContext,
): Promise<GateResult | null> {
  const { underWay, red } = services.baseJudgements
  const judging = judge().then((results) => results.find(({ verdict }) => verdict !== 'passed') ?? null)
  underWay.set(key, judging)
  try {
    const result = await judging
    if (red.size >= mostRed) red.clear()
    if (result !== null) red.set(key, { result, at: services.clock.now() })
    return result
  } finally {
    underWay.delete(key)
  }
}
