import { randomUUID } from 'node:crypto'
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRepository, readEnvironment, runCommand, stateFolder, type Repository, type StateFolder } from '@coxswain/host'
import { findByMarker } from '@coxswain/host'
import { sleep } from '@coxswain/kernel'

export interface WorldOptions {
  /** Copied as the first commit. */
  readonly template: string
  /** Of the scripted agent. */
  readonly script: unknown
  readonly isKept?: boolean
}

/** A repository, a state folder and an environment of their own; every process started from it carries the marker. */
export interface World extends AsyncDisposable {
  readonly dir: string
  readonly repository: Repository
  readonly folder: StateFolder
  readonly environment: Readonly<Record<string, string>>
  /** `acp:` and the command line of the scripted agent. */
  readonly agent: string
  /** Live processes of this world, our own excluded. */
  processes(): number[]
}

const sourceRoot = join(import.meta.dirname, '../../../..')

/** A locale variable passes every scrubbing of the environment and means nothing to any program. */
const marker = 'LC_CHAOS'

export async function openWorld({ template, script, isKept = false }: WorldOptions): Promise<World> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'cox-chaos-')))
  const root = join(dir, 'repository')
  const id = randomUUID()
  await cp(template, root, { recursive: true })
  const scriptFile = join(dir, 'script.json')
  await writeFile(scriptFile, JSON.stringify(script))
  await mkdir(join(dir, 'home'))
  const environment = {
    ...readEnvironment(),
    HOME: join(dir, 'home'),
    COXSWAIN_STATE_DIR: join(dir, 'state'),
    COXSWAIN_DATABASE_URL: '',
    [marker]: id,
  }
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['config', 'user.name', 'Chaos'],
    ['config', 'user.email', 'chaos@example.invalid'],
    ['add', '-A'],
    ['commit', '-q', '-m', 'first'],
  ]) {
    const result = await runCommand({ command: ['git', ...args], cwd: root, env: environment })
    if (result.exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${result.stderr}`)
  }
  const repository = await openRepository(root)
  const main = join(sourceRoot, 'packages/dev/scripted-agent/src/main.mjs')
  return {
    dir,
    repository,
    folder: stateFolder(repository, environment),
    environment,
    agent: `acp:${process.execPath} ${main} --script ${scriptFile}`,
    processes: () => findByMarker(marker, id),
    [Symbol.asyncDispose]: async () => {
      if (isKept) return
      await endAll(() => findByMarker(marker, id))
      // What was killed a moment ago may still have a file in the making.
      await rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}

/** A world that ends in an error has processes: they would write into the folder while it is removed, and live on without it. */
export async function endAll(processes: () => number[]): Promise<void> {
  for (let round = 0; round < 500; round += 1) {
    const left = processes()
    if (left.length === 0) return
    for (const pid of left) killIfThere(pid)
    await sleep(20)
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has just ended
  }
}

/** The CLI as a person starts it. */
export function coxCommand(...args: readonly string[]): string[] {
  return [process.execPath, join(sourceRoot, 'packages/apps/cli/src/main.ts'), ...args]
}
