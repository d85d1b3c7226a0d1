import { tipOf } from '@coxswain/host'
import type { EffectContext } from './effect-context.ts'
import type { Effect } from './run-progress.ts'
import { targetOf } from './target.ts'

/** A context whose services go by one harness, and the object that holds it. */
export interface Judged {
  readonly context: EffectContext
  readonly harness: string
}

/**
 * An effect goes by the harness that its leg began with: that of the base, where it was chosen in this leg, else that of the target as it was
 * when a person sent the run on. A file that changes in a checkout meanwhile changes nothing. Preparing on a new base chooses by itself.
 */
export async function judgedByOwn(effect: Effect, context: EffectContext): Promise<Judged | null> {
  const { base, harness } = context.record.progress
  if (effect.kind === 'prepare' && (effect.base === null || effect.base !== base)) return null
  if (harness != null) return judgedBy(harness, context)
  // A leg that an older version began has none.
  const commit = harness === undefined && base !== null ? base : await targetTip(context)
  return commit === null ? null : judgedByCommit(commit, context)
}

export async function judgedByCommit(commit: string, context: EffectContext): Promise<Judged> {
  return judgedBy(await context.services.harnesses.find(commit), context)
}

async function judgedBy(harness: string, context: EffectContext): Promise<Judged> {
  const { services } = context
  const config = await services.harnesses.read(harness)
  return { harness, context: { ...context, services: await services.under(config) } }
}

async function targetTip({ services, record }: EffectContext): Promise<string | null> {
  return (await tipOf(services.repository.git, targetOf(record.run, services)))?.commit ?? null
}
