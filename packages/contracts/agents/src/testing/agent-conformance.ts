import { instant, seconds, type Clock, type Instant } from '@coxswain/kernel'
import { describe, expect, test } from 'vitest'
import type { AgentCapabilities } from '../session.ts'
import { controlCases } from './control-cases.ts'
import { durableCases } from './durable-cases.ts'
import { conformanceFailures, type ConformanceFailure } from './scenarios.ts'
import { openDriver } from './session-driver.ts'
import type { ConformanceTarget, ConformanceWorld } from './target.ts'
import { turnCases } from './turn-cases.ts'

export interface CaseContext {
  readonly target: ConformanceTarget
  readonly world: ConformanceWorld
}

export type CaseBody = (context: CaseContext) => Promise<void>

const caseBodies = { ...turnCases, ...controlCases, ...durableCases }

export type ConformanceCase = keyof typeof caseBodies

/** Registers the whole suite for one backend. What the backend cannot show is declared in `target.off` and appears in the report with its reason. */
export function agentConformance(target: ConformanceTarget): void {
  describe(`agent conformance: ${target.name}`, () => {
    for (const [name, body] of Object.entries(caseBodies)) registerCase(target, name, body)
    for (const failure of conformanceFailures)
      registerCase(target, `failure-${failure}`, (context) => checkFailure(context, failure))
    test('what is off says so in the capabilities', () => checkCapabilities(target))
  })
}

function registerCase(target: ConformanceTarget, name: string, body: CaseBody): void {
  const reason = reasonOff(target, name)
  if (reason !== undefined) return test(`${name} is off: ${reason}`, () => expect(reason.length).toBeGreaterThan(10))
  // What only waits for the watchdog waits beside others.
  const isWaiting = Object.entries(target.failures).some(([failure, kind]) => kind === 'stalled' && name === `failure-${failure}`)
  test(name, { timeout: 120_000, concurrent: isWaiting }, async () => {
    const world = await target.openWorld()
    try {
      await body({ target, world })
    } finally {
      await world.dispose()
    }
  })
}

/** Cases that are off whenever another one is. */
const variants: Readonly<Record<string, ConformanceCase>> = {
  'steer-last': 'steer',
  'reattach-early': 'reattach-live',
  'resume-unknown': 'resume',
}

function reasonOff(target: ConformanceTarget, name: string): string | undefined {
  const reasons: Readonly<Record<string, string>> = target.off
  return reasons[name] ?? reasons[variants[name] ?? '']
}

/**
 * For a program that tries again in silence: far from its waits of 1, 2, 4, 8, 16, 30 s, so that the watchdog and the next try never
 * race, and long before it gives up.
 */
const impatience = seconds(12)

async function checkFailure({ target, world }: CaseContext, failure: ConformanceFailure): Promise<void> {
  const kind = target.failures[failure]
  if (kind === undefined) throw new Error(`${target.name} names no kind for ${failure}: declare it in failures or off`)
  if (failure === 'unreachable') await world.model?.disappear()
  const isSilent = kind === 'stalled' && failure !== 'unreachable'
  const place = isSilent ? { ...world, clock: clockOf(world, `failure-${failure}`) } : world
  const { turn } = await openDriver({ target, world: place, key: `failure-${failure}` })
  const result = await turn({
    key: 't1',
    prompt: target.scenarioPrompt(`failure-${failure}`),
    idleLimit: kind === 'stalled' ? impatience : seconds(60),
  })
  expect({ status: result.status, kind: result.failure?.kind, message: result.failure?.message }).toEqual({
    status: 'failed',
    kind,
    message: expect.stringMatching(/\S/),
  })
  if (isSilent) expect(world.model?.requests(`failure-${failure}`)).not.toEqual([])
  expect(world.model?.misses ?? []).toEqual([])
}

/** Stands still until the model is asked: how long a program takes until then says something of the machine, and nothing of its silence. */
function clockOf({ clock, model }: ConformanceWorld, scenario: string): Clock {
  const start = clock.now()
  let askedAt: Instant | null = null
  void model?.waitForRequest(scenario, 0).then(() => (askedAt = clock.now()))
  return {
    now: () => (askedAt === null ? start : instant(start + clock.now() - askedAt)),
    sleep: (duration, signal) => clock.sleep(duration, signal),
  }
}

/** A capability that is missing has its cases off; a case may be off for another reason, which its line in the report gives. */
function checkCapabilities(target: ConformanceTarget): void {
  const { capabilities } = target.createBackend({})
  const missing = casesOfCapabilities.filter(
    ([capability, name]) => !capabilities[capability] && reasonOff(target, name) === undefined,
  )
  expect(missing).toEqual([])
}

const casesOfCapabilities: readonly (readonly [keyof AgentCapabilities, ConformanceCase])[] = [
  ['steer', 'steer'],
  ['resume', 'resume'],
  ['approvals', 'approve-accept'],
  ['approvals', 'approve-decline'],
  ['reattach', 'reattach-live'],
  ['reattach', 'reattach-finished'],
]
