import { existsSync } from 'node:fs'
import { openRepository, readEnvironment, stateFolder, systemClock } from '@coxswain/host'
import { isCoxError } from '@coxswain/kernel'
import type { Run } from '@coxswain/model'
import { agentNames, type RunRate } from '@coxswain/delivery'

export interface RecordedRate {
  readonly runsPerDay: RunRate | null
  /** What there is none of, for whoever misses the figure. */
  readonly missing: string
}

/** How often each agent ran here lately. Asks only a store that exists: a question makes no database. */
export async function recordedRate(root: string): Promise<RecordedRate> {
  try {
    const repository = await openRepository(root)
    const env = readEnvironment()
    const folder = stateFolder(repository, env)
    if (!existsSync(folder.postgres) && !existsSync(folder.address) && env['COXSWAIN_DATABASE_URL'] === undefined)
      return { runsPerDay: null, missing: 'no runs are recorded for this repository' }
    const { connect } = await import('./connect.ts')
    await using connection = await connect(root)
    return {
      runsPerDay: rateOf((await connection.client.listRuns()).runs, systemClock.now()),
      missing: 'no runs of these agents in the last 30 days',
    }
  } catch (error) {
    if (['NOT_A_REPOSITORY', 'HARNESS_MISSING', 'ACT_NOT_ALLOWED', 'REPOSITORY_ADOPTED'].some((code) => isCoxError(error, code)))
      return { runsPerDay: null, missing: 'no runs are recorded here' }
    throw error
  }
}

const dayMs = 86_400_000
const windowMs = 30 * dayMs

/** Runs a day by agent over the last 30 days, or since the first run when that is shorter; at least one day. */
export function rateOf(runs: readonly Pick<Run, 'agent' | 'createdAt'>[], now: number): RunRate | null {
  const recent = runs.filter((run) => now - run.createdAt <= windowMs)
  if (recent.length === 0) return null
  const days = Math.max(1, (now - Math.min(...recent.map((run) => run.createdAt))) / dayMs)
  const counts = agentNames.map((name) => [name, recent.filter((run) => isProgram(run.agent, name)).length / days] as const)
  return Object.fromEntries(counts.filter(([, rate]) => rate > 0))
}

/** An ACP agent is named by its command line. */
function isProgram(agent: string, name: string): boolean {
  return agent === name || (agent.startsWith('acp:') && new RegExp(`\\b${name}\\b`).test(agent))
}
