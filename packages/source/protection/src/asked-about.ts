import { changedFiles, type Git } from '@coxswain/host'
import type { HarnessConfig } from '@coxswain/model'
import { notFreed, protectedAmong, withoutShrunkBaselines } from './protected-paths.ts'
import { proofChangedBetween } from './read-proof.ts'
import { reachesOfChange } from './reaches.ts'

/** A change: everything between two commits. */
export interface Span {
  readonly git: Git
  /** The main checkout: a path below it is the repository's. */
  readonly root: string
  readonly base: string
  readonly head: string
}

/** What a person must be asked about before it lands. */
export interface Asked {
  /** Files that differ, whatever they are. */
  readonly changed: number
  readonly protectedPaths: readonly string[]
  /** What of the change alters what gates and set-up run: a sentence each, which names the path. */
  readonly proofChanges: readonly string[]
  /** What acts beyond its own file: a sentence each. */
  readonly reaches: readonly string[]
}

/** `!` entries of `protected` free paths of all of it. */
export async function askedAbout(
  config: Pick<HarnessConfig, 'gates' | 'setup' | 'protected' | 'landing'>,
  span: Span,
): Promise<Asked> {
  const paths = (await changedFiles(span.git, span.base, span.head)).map((file) => file.path)
  const protectedPaths = await withoutShrunkBaselines(protectedAmong(paths, config.protected), span)
  const others = paths.filter((path) => !protectedPaths.includes(path))
  const proof = await proofChangedBetween(config, span, others)
  const free = new Set(notFreed(paths, config.protected))
  const limit = config.landing.largestFile === null ? null : config.landing.largestFile * 1_000_000
  return {
    changed: paths.length,
    protectedPaths,
    proofChanges: proof.map(({ reason }) => reason),
    reaches: await reachesOfChange(span, limit, (path) => free.has(path)),
  }
}
