import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { treeOf, type Git, type Repository } from '@coxswain/host'
import { errorMessage, type Logger } from '@coxswain/kernel'
import type { Gate, HarnessConfig } from '@coxswain/model'
import type { Containment } from './containment.ts'
import { gateDefinition, judgeTree, type Judgement } from './judge-tree.ts'
import { keepCaches, openKeptCaches } from './kept-caches.ts'
import { missingSetUp } from './missing-set-up.ts'
import { OverlayRefused, overlayGround, type GroundRequest } from './overlay-ground.ts'
import { plainGround } from './plain-ground.ts'
import { describeCredentials } from './describe-credentials.ts'
import { openPristines, type Held, type Pristines, type Want } from './pristines.ts'
import { removeLeftovers } from './remove-leftovers.ts'
import { readyWorktree } from './ready-worktree.ts'
import { setupKey } from './setup-key.ts'
import type { GateCache, Ground } from './stage.ts'

export interface GatesOptions {
  readonly repository: Repository
  /** The state folder. */
  readonly state: string
  /** As it is now. */
  readonly config: () => Pick<HarnessConfig, 'setup' | 'cache'>
  /** With the credentials that `setup:` names, or without: where an agent changed what set-up reads, its code would get them. */
  readonly setupEnvironment: (trust: SetupTrust) => Readonly<Record<string, string>>
  readonly gateEnvironment: Readonly<Record<string, string>>
  readonly containment: Containment
  readonly cache: GateCache
  /** Runs the body while nobody else runs one under this name. */
  readonly exclusively: <T>(name: string, body: (signal: AbortSignal) => Promise<T>, signal: AbortSignal) => Promise<T>
  /** The command of a set-up that the repository's own files suggest. */
  readonly proposeSetUp: () => Promise<readonly string[] | null>
  readonly now: () => number
  readonly logger: Logger
}

export type SetupTrust = 'base' | 'change'

function trustOf(scope: string): SetupTrust {
  return scope === '' ? 'base' : 'change'
}

export interface JudgeRequest {
  readonly gates: readonly Gate[]
  readonly tree: string
  /** Holds the tree; HEAD while gates run. */
  readonly commit: string
  /** The commit of the landing branch that it grows from, or itself: what set-up makes of that is shared. */
  readonly base: string
  /** Private folder of this round; a repeated step joins what runs there. */
  readonly dir: string
  /** What a person should know while it goes on. */
  readonly notice: (text: string) => Promise<void>
  readonly interrupt: AbortSignal
  readonly shutdown: AbortSignal
}

export interface WorktreeRequest extends Omit<JudgeRequest, 'gates'> {
  readonly git: Git
  /** A file beside the worktree, for what is known of it. */
  readonly record: string
}

export interface Gates {
  /** Runs gates on a tree with what set-up makes from it, and on nothing else. @throws the reason of the signal that ended it */
  judge(request: JudgeRequest): Promise<Judgement>
  /** Makes an agent's worktree hold what set-up makes, and nothing of earlier runs; null, or why set-up failed. */
  readyWorktree(request: WorktreeRequest): Promise<string | null>
  havePassed(gates: readonly Gate[], tree: string): Promise<boolean>
  /** Names gate and set-up. */
  definitionOf(gate: Gate): string
  /** The tree is on the landing branch: what its gates left in the folders of `cache:` serves later trees. */
  landed(tree: string): Promise<void>
  /** Removes what deaths left, also in the folders of runs at rest, and what was used least. */
  tidy(atRest: readonly string[]): Promise<void>
}

export function openGates(options: GatesOptions): Gates {
  const { state, containment, cache, repository } = options
  const pristines = openPristines({
    repository,
    folder: join(state, 'pristine'),
    processes: join(state, 'set-ups'),
    caches: join(state, 'set-up-caches'),
    environment: ({ scope }) => options.setupEnvironment(trustOf(scope)),
    contain: containment.contain,
    exclusively: options.exclusively,
    now: options.now,
  })
  let tried: Promise<boolean> | undefined
  const room: GatesRoom = { options, pristines, told: new Set(), canOverlay: () => (tried ??= containment.canOverlay(state)) }
  const definitionOf = (gate: Gate): string => gateDefinition(gate, options.config().setup)
  return {
    judge: (request) => judge(request, room),
    readyWorktree: (request) => ready(request, room),
    definitionOf,
    havePassed: async (gates, tree) => {
      for (const gate of gates) if ((await cache.get(definitionOf(gate), tree))?.verdict !== 'passed') return false
      return true
    },
    landed: async (tree) => {
      const key = await setupKey(repository.git, tree, options.config().setup)
      await keepCaches(cachePlaces({ key }, tree, options))
    },
    tidy: async (atRest) => {
      for (const run of atRest) await removeLeftovers(run)
      await pristines.tidy()
    },
  }
}

interface GatesRoom {
  readonly options: GatesOptions
  readonly pristines: Pristines
  /** Said once in this life of ours. */
  readonly told: Set<string>
  readonly canOverlay: () => Promise<boolean>
}

async function judge(request: JudgeRequest, room: GatesRoom): Promise<Judgement> {
  const { options } = room
  const { setup } = options.config()
  let tree = ''
  const judgement = await judgeTree({
    ...request,
    setup,
    cache: options.cache,
    openGround: () => openGround(request, room, (held) => (tree = held.place.tree)),
  })
  const failed = judgement.kind === 'judged' ? judgement.results.at(-1) : undefined
  if (failed === undefined || failed.verdict === 'passed' || request.commit !== request.base) return judgement
  // Red without any change: the cause may be what no commit holds.
  const { repository } = options
  const command = request.gates.find(({ name }) => name === failed.gate)?.command
  const program = failed.verdict === 'not-startable' ? (command?.[0] ?? '') : null
  const proposed = setup === null ? await options.proposeSetUp() : null
  const cause = await missingSetUp({ repository, setup, tree, proposed, program })
  const results = judgement.kind === 'judged' ? judgement.results.slice(0, -1) : []
  return { kind: 'judged', results: [...results, cause === null ? failed : { ...failed, cause }] }
}

type Wanted = Pick<Want, 'setup' | 'key' | 'scope' | 'commit'>

/** A key that the landing branch has is set up from there; another one from the tree itself, for that tree alone. */
async function wantOf(
  { tree, commit, base }: Pick<JudgeRequest, 'tree' | 'commit' | 'base'>,
  { repository, config }: GatesOptions,
): Promise<Wanted> {
  const { setup } = config()
  const { git } = repository
  const key = await setupKey(git, tree, setup)
  const isOfBase = commit === base || key === (await setupKey(git, await treeOf(git, base), setup))
  return isOfBase ? { setup, key, scope: '', commit: base } : { setup, key, scope: tree, commit }
}

/** What a person should know of a set-up that ran: what it did, and which credentials it had, by name. */
async function tell<H extends Held | { readonly kind: 'failed'; readonly why: string }>(
  held: H,
  { setup, scope }: Wanted,
  { notice }: Pick<JudgeRequest, 'notice'>,
  { setupEnvironment }: GatesOptions,
): Promise<H | { readonly kind: 'failed'; readonly why: string }> {
  const credentials = describeCredentials(setup, setupEnvironment(trustOf(scope)), trustOf(scope))
  if (held.kind === 'failed') return credentials === null ? held : { kind: 'failed', why: `${held.why}\n${credentials}` }
  if (!held.isNew) return held
  for (const note of [...held.ready.notes, ...(credentials === null ? [] : [credentials])]) await notice(note)
  return held
}

async function openGround(
  request: JudgeRequest,
  room: GatesRoom,
  onHeld: (held: Held) => void,
): Promise<Ground | { readonly kind: 'failed'; readonly why: string }> {
  const { options, pristines } = room
  const wanted = await wantOf(request, options)
  const canOverlay = await room.canOverlay()
  const groundRequest: GroundRequest = {
    repository: options.repository,
    tree: request.tree,
    commit: request.commit,
    environment: options.gateEnvironment,
    contain: options.containment.contain,
    caches: openKeptCaches(options.config().cache, cachePlaces(wanted, request.tree, options)),
    signal: AbortSignal.any([request.interrupt, request.shutdown]),
  }
  const acquire = async (use: Want['use']): ReturnType<Pristines['acquire']> => {
    const held = await pristines.acquire({ ...wanted, ...request, commit: wanted.commit, use, owner: request.dir })
    if (held.kind === 'held') onHeld(held)
    return tell(held, wanted, request, options)
  }
  const openPlain = async (why: string): ReturnType<typeof openGround> => {
    const held = await acquire('own')
    if (held.kind === 'failed') return held
    await tellOnce(request, room, `gates run in a working tree of their own that is put right before each: ${why}`)
    return plainGround(held, groundRequest, pristines)
  }
  if (!canOverlay) return openPlain('there are no overlays here')
  const held = await acquire('shared')
  if (held.kind === 'failed') return held
  return withFallback(overlayGround(held, groundRequest), async (error) => {
    options.logger.warn('a tree could not be laid over the one that is set up', {
      tree: request.tree,
      error: errorMessage(error),
    })
    await held.release()
    const plain = await openPlain('an overlay was refused')
    if ('kind' in plain) throw new Error(plain.why)
    return plain
  })
}

/** Once per run, and where the run's folder is the same. */
async function tellOnce({ dir, notice }: JudgeRequest, { told }: GatesRoom, text: string): Promise<void> {
  const key = `${join(dir, '../..')} ${text}`
  if (told.has(key)) return
  told.add(key)
  await notice(text)
}

function withFallback(ground: Ground, fall: (error: unknown) => Promise<Ground>): Ground {
  let current = ground
  return {
    ready: async (dir, access) => {
      try {
        return await current.ready(dir, access)
      } catch (error) {
        if (!(error instanceof OverlayRefused)) throw error
        current = await fall(error)
        return current.ready(dir, access)
      }
    },
    standing: (dir, access) => current.standing(dir, access),
    release: () => current.release(),
  }
}

function cachePlaces({ key }: Pick<Wanted, 'key'>, tree: string, { state }: GatesOptions): { kept: string; round: string } {
  const folder = join(state, 'kept-caches', createHash('sha256').update(key).digest('hex').slice(0, 16))
  return { kept: join(folder, 'kept'), round: join(folder, tree.slice(0, 16)) }
}

async function ready(request: WorktreeRequest, { options, pristines, canOverlay }: GatesRoom): Promise<string | null> {
  const wanted = await wantOf(request, options)
  const use = (await canOverlay()) ? 'shared' : 'own'
  const openPristine = async (): Promise<Held | { readonly kind: 'failed'; readonly why: string }> => {
    const held = await pristines.acquire({ ...wanted, ...request, commit: wanted.commit, use, owner: request.dir })
    return tell(held, wanted, request, options)
  }
  return readyWorktree({
    repository: options.repository,
    git: request.git,
    record: request.record,
    key: wanted.key,
    setup: wanted.setup,
    dir: join(request.dir, 'setup'),
    caches: wanted.scope === '' ? join(options.state, 'set-up-caches') : join(request.dir, 'set-up-caches'),
    environment: options.setupEnvironment(trustOf(wanted.scope)),
    contain: options.containment.contain,
    openPristine,
    interrupt: request.interrupt,
    shutdown: request.shutdown,
  })
}
