import { isCoxError } from '@coxswain/kernel'
import type { HarnessConfig } from '@coxswain/model'
import { configPath, parseConfig } from './load-config.ts'

/** What a change of `harness/harness.yaml` takes from the proof, from the person's say or from containment, in sentences. */
export function weakenedHarness(was: string, now: string): string[] {
  const [before, after] = [read(was), read(now)]
  const unread = [
    ...(typeof before === 'string' ? [`before the change: ${before}`] : []),
    ...(typeof after === 'string' ? [`after it: ${after}`] : []),
  ]
  if (typeof before === 'string' || typeof after === 'string')
    return [`what it weakens cannot be judged, because it cannot be read ${unread.join('; ')}`]
  return [
    ...weakerGates(before, after),
    ...moreSockets(before, after),
    ...lowered('landing.policy', ['auto', 'ask'], [before.landing.policy, after.landing.policy]),
    ...largerFiles(before.landing.largestFile, after.landing.largestFile),
    ...lowered('sandbox', ['off', 'auto', 'partial', 'required'], [before.sandbox, after.sandbox]),
    ...lowered('network', ['full', 'proxied', 'none'], [before.network, after.network]),
    ...moreOf('readable', 'can be read by contained commands', [before.readable, after.readable]),
    ...lessProtected(before.protected, after.protected),
    ...after.cache
      .filter((folder) => !before.cache.includes(folder))
      .map((folder) => `${folder} is kept from gate to gate, so that a gate may pass by what another left there`),
  ]
}

/** The first problem, where the text is no harness. */
function read(text: string): HarnessConfig | string {
  try {
    return parseConfig(text)
  } catch (error) {
    if (!isCoxError(error, 'CONFIG_INVALID')) throw error
    return (error.message.split('\n')[0] ?? '').replace(`${configPath}:`, 'line ')
  }
}

function weakerGates({ gates: before }: HarnessConfig, { gates: after }: HarnessConfig): string[] {
  const next = new Map(after.map((gate) => [gate.name, gate]))
  return before.flatMap((old) => {
    const now = next.get(old.name)
    if (now === undefined) return [`gate ${old.name} is removed: \`${old.command.join(' ')}\` is no longer run`]
    const [was, runs] = [old.command, now.command].map((command) => command.join(' '))
    return [
      ...(JSON.stringify(old.command) === JSON.stringify(now.command)
        ? []
        : [`gate ${old.name} runs \`${runs}\` instead of \`${was}\`: what each proves cannot be compared`]),
      ...lowered(`gate ${old.name}: base`, ['ignored', 'required'], [old.base, now.base]),
      ...lowered(`gate ${old.name}: network`, ['full', 'proxied', 'none'], [old.network, now.network]),
    ]
  })
}

/** Of a gate that is new, too. */
function moreSockets({ gates: before }: HarnessConfig, { gates: after }: HarnessConfig): string[] {
  const known = new Map(before.map(({ name, sockets }) => [name, sockets]))
  return after.flatMap(({ name, sockets }) =>
    moreOf(`gate ${name}`, 'is a socket that it may use', [known.get(name) ?? [], sockets]),
  )
}

function moreOf(name: string, what: string, [was, now]: readonly [readonly string[], readonly string[]]): string[] {
  return now.filter((entry) => !was.includes(entry)).map((entry) => `${name}: ${entry} ${what}`)
}

/** From the weakest value to the strongest. */
function lowered(name: string, order: readonly string[], [was, now]: readonly [string, string]): string[] {
  return order.indexOf(now) < order.indexOf(was) ? [`${name} goes from ${was} to ${now}`] : []
}

function largerFiles(was: number | null, now: number | null): string[] {
  const isLarger = (now ?? Number.POSITIVE_INFINITY) > (was ?? Number.POSITIVE_INFINITY)
  return isLarger ? [`landing.largestFile goes from ${was} to ${now ?? 'no limit'}`] : []
}

/** An entry that begins with `!` takes paths out. */
function lessProtected(before: readonly string[], after: readonly string[]): string[] {
  const isOut = (entry: string): boolean => entry.startsWith('!')
  return [
    ...before.filter((entry) => !isOut(entry) && !after.includes(entry)).map((entry) => `${entry} is no longer protected`),
    ...after
      .filter((entry) => isOut(entry) && !before.includes(entry))
      .map((entry) => `${entry.slice(1)} is no longer protected`),
  ]
}
