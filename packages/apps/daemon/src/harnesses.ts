import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listTree, readTexts, writeText, type Repository } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import { HarnessConfig } from '@coxswain/model'
import { configPath, parseConfig } from '@coxswain/steering'
import type { LiveConfig } from './live-config.ts'

/**
 * The harness that judges a run is that of a commit, not the file in a checkout, which can change while it works: by a person who tries
 * something, or by an agent that nothing contains. Who works, with which model, how many at once and for how much a day is asked of the checkout.
 */
export interface Harnesses {
  /** The object that holds the file of a commit; where the commit has none, what the checkout holds at this moment. */
  find(commit: string): Promise<string>
  /** @throws CoxError CONFIG_INVALID, HARNESS_LOST */
  read(object: string): Promise<HarnessConfig>
  /** What a person should know whose file in the checkout says something else; null where it does not. */
  difference(commit: string, branch: string): Promise<string | null>
}

export function openHarnesses(repository: Repository, live: LiveConfig): Harnesses {
  const read = rememberTexts((object) => readText(repository, object))
  const find = rememberTexts((commit) => findIn(repository, commit))
  return {
    find: async (commit) => (await find(commit)) ?? storeOfCheckout(repository),
    read: async (object) => underLive(parseConfig((await read(object)) ?? ''), live.current),
    difference: async (commit, branch) => {
      const object = await find(commit)
      if (object === null) return `${configPath} is not committed on ${branch}: this run uses the file as it is now.`
      const committed = parseConfig((await read(object)) ?? '')
      const keys = judging.filter((key) => JSON.stringify(committed[key]) !== JSON.stringify(live.current[key]))
      return keys.length === 0
        ? null
        : `${configPath} differs in ${keys.join(', ')} from the one committed on ${branch}, which this run uses. Commit yours to use it.`
    },
  }
}

const judging = ['gates', 'setup', 'sandbox', 'network', 'readable', 'cache', 'protected', 'landing', 'budget', 'limits'] as const

function underLive(committed: HarnessConfig, live: HarnessConfig): HarnessConfig {
  const { agent, model, agents, prices, concurrency, day, branch } = live
  return { ...committed, agent, model, agents, prices, concurrency, day, branch }
}

async function findIn({ git }: Repository, commit: string): Promise<string | null> {
  const entries = await listTree(git, commit, [configPath])
  return entries.find(({ mode }) => mode.startsWith('100'))?.id ?? null
}

/** Kept, because the file may be another one at the next step. */
async function storeOfCheckout({ git, root }: Repository): Promise<string> {
  return writeText(git, await readFile(join(root, configPath), 'utf8').catch(() => ''))
}

async function readText({ git }: Repository, object: string): Promise<string> {
  const text = (await readTexts(git, [object])).get(object)
  if (text !== undefined) return text
  throw new CoxError('HARNESS_LOST', `The ${configPath} that this run began with is gone from the repository`, {
    hint: 'Start over with `cox rework`.',
  })
}

const mostRemembered = 100

/** An object never changes. */
function rememberTexts<T extends string | null>(look: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const known = new Map<string, T>()
  return async (id) => {
    const before = known.get(id)
    if (before !== undefined) return before
    const found = await look(id)
    if (known.size >= mostRemembered) known.clear()
    known.set(id, found)
    return found
  }
}

/** What a harness wants, made once for each, because runs at the same time may have different ones. `keys`: those that count; null is all. */
export function rememberServices<T>(
  keys: readonly (keyof HarnessConfig)[] | null,
  make: (config: HarnessConfig) => Promise<T>,
): (config: HarnessConfig) => Promise<T> {
  const made = new Map<string, Promise<T>>()
  return (config) => {
    const key = JSON.stringify(keys === null ? config : keys.map((name) => config[name] ?? null))
    const before = made.get(key)
    if (before !== undefined) return before
    if (made.size >= mostRemembered) made.clear()
    const making = make(config)
    made.set(key, making)
    making.catch(() => made.delete(key)) // what is missing may come
    return making
  }
}
