import { createHash } from 'node:crypto'
import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { atomicWrite, containedPath, createFile, moveFile } from '@coxswain/host'
import { isCoxError } from '@coxswain/kernel'
import { z } from 'zod'

/** What one pass is about to do; written down before it is done, so that a repetition after a crash does the rest and nothing twice. */
export interface FilePlan {
  readonly changes: readonly FileChange[]
  readonly moves: readonly { readonly from: string; readonly to: string }[]
  readonly places: number
  /** Files in which something overlapped and must be looked at again. */
  readonly again: readonly string[]
  /** Files left alone, with the reason. */
  readonly skipped: readonly { readonly file: string; readonly why: string }[]
}

export interface FileChange {
  readonly file: string
  /** Hash of the content; null: there is no file yet. */
  readonly before: string | null
  readonly content: Buffer
}

export const emptyPlan: FilePlan = { changes: [], moves: [], places: 0, again: [], skipped: [] }

export function hashOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

const storedPlan = z.object({
  changes: z.array(z.object({ file: z.string(), before: z.string().nullable(), content: z.base64() })),
  moves: z.array(z.object({ from: z.string(), to: z.string() })),
  places: z.int(),
  again: z.array(z.string()),
  skipped: z.array(z.object({ file: z.string(), why: z.string() })),
})

/** The plan of this file: the one that stands in it, or a new one that is put there. */
export async function recordedPlan(file: string, compute: () => Promise<FilePlan>): Promise<FilePlan> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text !== null) {
    const stored = storedPlan.parse(JSON.parse(text))
    return { ...stored, changes: stored.changes.map((change) => ({ ...change, content: Buffer.from(change.content, 'base64') })) }
  }
  const plan = await compute()
  const changes = plan.changes.map((change) => ({ ...change, content: change.content.toString('base64') }))
  await atomicWrite(file, JSON.stringify({ ...plan, changes }))
  return plan
}

export interface Applied {
  readonly changed: readonly string[]
  readonly skipped: FilePlan['skipped']
}

export async function applyPlan(plan: FilePlan, worktree: string, signal: AbortSignal): Promise<Applied> {
  const changed: string[] = []
  const skipped = [...plan.skipped]
  for (const change of plan.changes) {
    signal.throwIfAborted()
    const why = await applyChange(change, worktree)
    if (why === null) changed.push(change.file)
    else skipped.push({ file: change.file, why })
  }
  for (const move of plan.moves) {
    const why = await applyMove(move, worktree)
    if (why === null) changed.push(move.from, move.to)
    else skipped.push({ file: move.from, why })
  }
  return { changed, skipped }
}

async function applyChange({ file, before, content }: FileChange, worktree: string): Promise<string | null> {
  const path = await ownPath(worktree, file)
  if (path === null) return outside
  const now = await readFile(path).catch(() => null)
  const nowHash = now === null ? null : hashOf(now)
  if (nowHash === hashOf(content)) return null
  if (nowHash !== before) return before === null ? 'the file is there already' : 'the file has changed meanwhile'
  if (before === null) await createFile(path, content)
  else await atomicWrite(path, content, (await lstat(path)).mode & 0o777)
  return null
}

async function applyMove(move: { from: string; to: string }, worktree: string): Promise<string | null> {
  const [from, to] = [await ownPath(worktree, move.from), await ownPath(worktree, move.to)]
  if (from === null || to === null) return outside
  return (await moveFile(from, to)) ? null : `it cannot be moved to ${move.to}: one is missing or the other is taken`
}

const outside = 'it lies outside of the worktree, or in its git folder, or is a link'

/** Links are not followed, not even inside: what stands behind one is told under its own name. */
export async function ownPath(worktree: string, file: string): Promise<string | null> {
  try {
    const path = await containedPath(worktree, file)
    const isLinked = path !== join(await containedPath(worktree, '.'), file)
    const isGit = /(?:^|\/)\.git(?:\/|$)/.test(file)
    return isLinked || isGit ? null : path
  } catch (error) {
    if (isCoxError(error, 'PATH_OUTSIDE')) return null
    throw error
  }
}
