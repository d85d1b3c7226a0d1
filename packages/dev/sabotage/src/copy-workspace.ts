import { randomUUID } from 'node:crypto'
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findByMarker, runCommand } from '@coxswain/host'

export interface WorkspaceCopy extends Disposable {
  readonly root: string
  /** For whatever is started in the copy. */
  readonly env: Readonly<Record<string, string>>
  /** Ends what tests left behind, and removes their temporary files. */
  tidy(): void
}

interface CopyOptions {
  readonly from: string
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

const marker = 'COXSWAIN_SABOTAGE_COPY'

/** The files that git would track, as they are now, in a repository of their own, with the dependencies that are installed. */
export async function copyWorkspace({ from, env, signal }: CopyOptions): Promise<WorkspaceCopy> {
  // A short name: sockets lie below it.
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'cox-s-')))
  const [root, temporary] = [join(base, 'w'), join(base, 't')]
  const id = randomUUID()
  const tidy = (): void => {
    for (const pid of findByMarker(marker, id)) end(pid)
    rmSync(temporary, { recursive: true, force: true })
    mkdirSync(temporary)
  }
  const remove = (): void => {
    tidy()
    rmSync(base, { recursive: true, force: true })
  }
  try {
    tidy()
    mkdirSync(root)
    const git = async (cwd: string, ...args: readonly string[]): Promise<string> => {
      const result = await runCommand({ command: ['git', ...args], cwd, env, signal, maxOutputBytes: 64 * 1024 * 1024 })
      if (result.exitCode !== 0) throw new Error(`git ${args[0]}: ${result.stderr}`)
      return result.stdout
    }
    const names = (await git(from, 'ls-files', '-z', '--cached', '--others', '--exclude-standard')).split('\0')
    const files = names.filter((name) => name !== '' && lstatSync(join(from, name), { throwIfNoEntry: false }) !== undefined)
    for (const name of files) cpSync(join(from, name), join(root, name), { verbatimSymlinks: true, recursive: true })
    for (const name of files.filter((file) => /^(?:.+\/)?package\.json$/.test(file))) linkDependencies(from, root, dirname(name))
    if (existsSync(join(from, '.toolchain'))) symlinkSync(join(from, '.toolchain'), join(root, '.toolchain'))
    await git(root, 'init', '-q', '-b', 'main')
    await git(root, 'add', '-A')
    await git(root, '-c', 'user.name=sabotage', '-c', 'user.email=sabotage@example.com', 'commit', '-q', '-m', 'copy')
  } catch (error) {
    remove()
    throw error
  }
  return { root, env: { ...env, TMPDIR: temporary, [marker]: id }, tidy, [Symbol.dispose]: remove }
}

/** Packages of the workspace stay links to each other, now within the copy; what was installed is used in place. */
function linkDependencies(from: string, root: string, folder: string): void {
  const installed = join(from, folder, 'node_modules')
  if (!existsSync(installed)) return
  const target = join(root, folder, 'node_modules')
  if (folder !== '.') {
    cpSync(installed, target, { recursive: true, verbatimSymlinks: true })
    return
  }
  // A folder of its own, entry by entry: the caches of tools lie beside these, and are not shared.
  mkdirSync(target)
  for (const name of readdirSync(installed))
    if (!name.startsWith('.') || name === '.pnpm' || name === '.bin') symlinkSync(join(installed, name), join(target, name))
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
