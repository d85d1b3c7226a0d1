import { existsSync } from 'node:fs'
import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { changedFiles, fixedSettings, runCommand, type Repository } from '@coxswain/host'
import { minutes } from '@coxswain/kernel'
import type { KeptCaches } from './kept-caches.ts'
import type { Access, Containment, Overlay } from './containment.ts'
import { gateVariables, makeGateHome } from './gate-home.ts'
import { scanFolder } from './listing.ts'
import type { Held } from './pristines.ts'
import { clearStage } from './remove-leftovers.ts'
import type { Ground, Stage } from './stage.ts'

export interface GroundRequest {
  readonly repository: Repository
  readonly tree: string
  readonly commit: string
  readonly environment: Readonly<Record<string, string>>
  readonly contain: Containment['contain']
  readonly caches: KeptCaches
  readonly signal: AbortSignal
}

/** The tree could not be laid over the one that is set up. */
export class OverlayRefused extends Error {}

/**
 * Each gate gets a layer of its own over a tree that is set up and that nobody writes to. The layer is mounted at the very path where
 * set-up ran, so that what names its own folder goes on working; nobody else sees it.
 */
export function overlayGround(held: Held, request: GroundRequest): Ground {
  const stageOf = (dir: string, access: Access): Stage => {
    const layer = layerOf(dir, held)
    return {
      cwd: held.place.tree,
      env: { ...request.environment, ...gateVariables(dir, held.place.tree, access) },
      locate: (path) => {
        const upper = join(layer.upper, path)
        return existsSync(upper) ? upper : join(held.place.tree, path)
      },
      contain: (command) =>
        request.contain(command, {
          cwd: held.place.tree,
          worktree: join(dir, 'home'),
          writable: [],
          readable: [adminOf(dir), request.repository.gitDir],
          overlays: [layer],
          ...access,
        }),
      drop: async () => {
        await request.caches.takeOut(layer.upper)
        await clearStage(dir)
      },
    }
  }
  return {
    ready: async (dir, access) => {
      await layOver(dir, held, request)
      await request.caches.putIn(layerOf(dir, held).upper)
      return stageOf(dir, access)
    },
    standing: stageOf,
    release: held.release,
  }
}

function adminOf(dir: string): string {
  return join(dir, 'git')
}

function layerOf(dir: string, { place }: Held): Overlay {
  return { at: place.tree, lower: place.tree, upper: join(dir, 'layer/upper'), work: join(dir, 'layer/work') }
}

/** @throws OverlayRefused */
async function layOver(dir: string, held: Held, request: GroundRequest): Promise<void> {
  const layer = layerOf(dir, held)
  for (const path of [layer.upper, layer.work, adminOf(dir)]) await mkdir(path, { recursive: true })
  await makeGateHome(dir)
  await makeAdmin(adminOf(dir), held, request)
  await writeFile(join(layer.upper, '.git'), `gitdir: ${adminOf(dir)}\n`)
  const differing = await bringToTree(dir, layer, held, request)
  const changed = new Set((await changedFiles(request.repository.git, held.ready.commit, request.tree)).map(({ path }) => path))
  const written = [...(await scanFolder(layer.upper)).listing].filter(([, [kind]]) => kind !== 'folder').map(([path]) => path)
  const strange = [...written, ...differing].filter((path) => !changed.has(path))
  if (strange.length > 0) throw new OverlayRefused(`files that no commit changes differ: ${strange.slice(0, 3).join(', ')}`)
}

/** HEAD is the commit that is judged; the rest of git's folder is the repository's. */
async function makeAdmin(admin: string, { place, ready }: Held, { repository, commit }: GroundRequest): Promise<void> {
  await writeFile(join(admin, 'HEAD'), `${commit}\n`)
  await writeFile(join(admin, 'commondir'), `${repository.gitDir}\n`)
  await writeFile(join(admin, 'gitdir'), `${join(place.tree, '.git')}\n`)
  // It may look newer than what it is a copy of: nobody writes to the layer below once it is filled and looked at.
  await copyFile(place.index, join(admin, 'index'))
  for (const own of ['config.worktree', 'info'])
    if (existsSync(join(ready.admin, own))) await cp(join(ready.admin, own), join(admin, own), { recursive: true })
}

const script = 'git "$@" read-tree --reset -u "$TREE" && git "$@" diff-files --name-only -z --ignore-submodules=all'

/** Files that differ from the index afterwards: those whose line ends or filters git finds odd. */
async function bringToTree(dir: string, layer: Overlay, { place }: Held, request: GroundRequest): Promise<string[]> {
  const command = await request.contain(['/bin/sh', '-c', script, 'git', ...fixedSettings], {
    cwd: place.tree,
    worktree: join(dir, 'home'),
    writable: [adminOf(dir)],
    readable: [request.repository.gitDir],
    overlays: [layer],
    network: 'none',
  })
  const { exitCode, stdout, stderr } = await runCommand({
    command,
    cwd: place.tree,
    env: { ...request.environment, TREE: request.tree, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C.UTF-8' },
    timeout: minutes(10),
    signal: request.signal,
  })
  if (exitCode !== 0) throw new OverlayRefused(stderr.trim().split('\n').slice(-3).join(' '))
  return stdout.split('\0').filter((path) => path !== '')
}
