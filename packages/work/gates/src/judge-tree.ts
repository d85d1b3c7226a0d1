import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Gate, GateResult } from '@coxswain/model'
import { runGate } from './run-gate.ts'
import type { Setup } from './setup-key.ts'
import type { GateCache, Ground } from './stage.ts'

export interface Judging {
  readonly gates: readonly Gate[]
  readonly setup: Setup | null
  readonly tree: string
  /** Private folder of this round of gates. */
  readonly dir: string
  readonly cache: GateCache
  /** Called before the first gate that is not known to pass. */
  openGround(): Promise<Ground | { readonly kind: 'failed'; readonly why: string }>
  readonly interrupt: AbortSignal
  readonly shutdown: AbortSignal
}

export type Judgement =
  | { readonly kind: 'judged'; readonly results: readonly GateResult[] }
  /** The tree could not be set up. */
  | { readonly kind: 'set-up-failed'; readonly why: string }

/** Runs gates in order on one tree, up to the first that fails. @throws the reason of the signal that ended it */
export async function judgeTree(judging: Judging): Promise<Judgement> {
  const results: GateResult[] = []
  let ground: Ground | null = null
  try {
    for (const gate of judging.gates) {
      const definition = gateDefinition(gate, judging.setup)
      const known = await judging.cache.get(definition, judging.tree)
      // The answer may have come so late that another worker is at it by now.
      judging.shutdown.throwIfAborted()
      if (known !== null) {
        results.push({ ...known, isReused: true })
        continue
      }
      if (ground === null) {
        const opened = await judging.openGround()
        if ('kind' in opened) return { kind: 'set-up-failed', why: opened.why }
        ground = opened
      }
      const result = await runGate({ ...judging, gate, definition, dir: join(judging.dir, gate.name), ground })
      if (result.verdict === 'passed') await judging.cache.put(definition, judging.tree, result)
      results.push(result)
      if (result.verdict !== 'passed') break
    }
    return { kind: 'judged', results }
  } finally {
    // A gate that was let go of uses its tree still; the next life of ours takes hold of it again.
    if (!judging.shutdown.aborted) await ground?.release()
  }
}

/** Grows when earlier verdicts must not count any more. */
const version = 2

/** Names what a verdict is a verdict of. */
export function gateDefinition(gate: Gate, setup: Setup | null): string {
  const madeBy = setup === null ? null : [setup.command, setup.keys, setup.network]
  return createHash('sha256')
    .update(JSON.stringify([version, gate.name, gate.command, gate.network, gate.sockets ?? [], madeBy]))
    .digest('hex')
    .slice(0, 24)
}
