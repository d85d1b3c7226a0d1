import { join } from 'node:path'
import { seconds } from '@coxswain/kernel'
import type { Gate, GateResult, HarnessConfig } from '@coxswain/model'
import type { EffectContext } from './effect-context.ts'
import type { JudgeRequest, RunServices } from './services.ts'

export interface JudgedTree {
  readonly tree: string
  /** Holds the tree. */
  readonly commit: string
  /** The commit of the landing branch that it grows from, or itself. */
  readonly base: string
}

/** Runs gates on a tree, all that are configured by default. */
export async function judgeTree(
  context: EffectContext,
  judged: JudgedTree,
  gates: readonly Gate[] = gatesOf(context.services.config),
): Promise<readonly GateResult[]> {
  const judgement = await context.services.gates.judge({ ...judgeRequest(context, judged), gates })
  return judgement.kind === 'judged' ? judgement.results : [setUpFailure(judgement.why, judged.tree)]
}

export function judgeRequest(context: EffectContext, judged: JudgedTree): JudgeRequest {
  const { services, record, interrupt, shutdown } = context
  return {
    ...judged,
    dir: gatesDir(context, judged.tree),
    notice: (text) => services.journal.notice(record.run.id, text),
    interrupt,
    shutdown,
  }
}

/** Holds the processes of one tree's gates. */
function gatesDir({ dir }: Pick<EffectContext, 'dir'>, tree: string): string {
  return join(dir, `gates-${tree.slice(0, 12)}`)
}

/** On a base only those count that need no change to pass. */
export function gatesOf(config: RunServices['config'], on: 'change' | 'base' = 'change'): Gate[] {
  return config.gates
    .filter(({ base }: HarnessConfig['gates'][number]) => on === 'change' || base === 'required')
    .map(({ name, command, timeout, network, sockets }) => ({
      name,
      command,
      network,
      sockets,
      timeoutMs: timeout ?? seconds(600),
    }))
}

/** No gate that a person configures has a space in its name. */
const setUpName = 'set up'

function setUpFailure(why: string, tree: string): GateResult {
  return { gate: setUpName, verdict: 'failed', exitCode: 1, wallMs: 0, excerpt: why, logFile: '', tree }
}

export function isSetUpFailure({ gate }: GateResult): boolean {
  return gate === setUpName
}
