import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { moveAside, readEnvironment, runCommand, runForBytes, scrubEnvironment } from '@coxswain/host'
import { CoxError, mapLimit, minutes } from '@coxswain/kernel'

/** What git opens wherever it looks, so that it waits for a pipe of that name. */
const opened = ['.gitignore', '.gitattributes', '.gitmodules', '.mailmap']
const mostBytes = 100_000_000
/** What has a path much longer cannot be named, and so not be removed. */
const longestPath = 3_000
const mostFound = 2_000
/** Folders that are closed in closed ones. */
const mostRounds = 20

/**
 * Takes out of a working tree what a command left and git cannot hold, before git of ours looks at it: pipes and devices; in the place of what git
 * reads for itself also sockets, links to any of these and what is larger than any text; folders too deep for a path. Those that cannot be entered
 * are opened. Returns the paths of what is gone. @throws CoxError WORKTREE_FLOODED
 *
 * Who made it may be alive: each is moved as a whole, and removed where nobody else can reach.
 */
export async function clearSpecialFiles(folder: string): Promise<string[]> {
  const root = await realpath(folder)
  const aside = `${root}.${randomBytes(8).toString('hex')}.aside`
  const gone: string[] = []
  try {
    for (let round = 0; ; round += 1) {
      const found = await mapLimit(await findUnusual(root), 8, (path) => judge(root, path))
      const [closed, special] = [found.filter(({ kind }) => kind === 'closed'), found.filter(({ kind }) => kind === 'special')]
      if (closed.length + special.length === 0) return gone
      if (round === mostRounds || gone.length + special.length > mostFound) throw flooded(folder)
      for (const { path } of closed) await chmod(bytesOf(root, path), 0o700)
      await mkdir(aside, { recursive: true, mode: 0o700 })
      for (const { path } of special) {
        await moveAside(root, path, join(aside, randomBytes(8).toString('hex')))
        gone.push(Buffer.from(path.slice(0, mostShown), 'latin1').toString('utf8'))
      }
    }
  } finally {
    // A program of its own, because paths may be longer than any that can be named.
    await runCommand({ command: ['rm', '-rf', '--', aside], ...outside() })
  }
}

const mostShown = 200

function flooded(folder: string): CoxError {
  return new CoxError('WORKTREE_FLOODED', `More pipes, devices and closed folders than anybody needs stand in ${folder}`, {
    hint: 'Look at what the agent does; `cox rework` begins anew.',
  })
}

interface Unusual {
  /** By its bytes, from the top. */
  readonly path: string
  readonly kind: 'special' | 'closed' | 'fine'
}

async function judge(root: string, path: string): Promise<Unusual> {
  const place = bytesOf(root, path)
  const found = await lstat(place).catch(() => null)
  if (found === null || path === '.git') return { path, kind: 'fine' }
  if (found.isDirectory()) return { path, kind: place.length > longestPath ? 'special' : 'closed' }
  if (!found.isSymbolicLink()) return { path, kind: 'special' }
  // A link to a text or to nothing is content; git does not follow it.
  const target = await stat(place).catch(() => null)
  const isHarmless = target === null || target.isDirectory() || (target.isFile() && target.size <= mostBytes)
  return { path, kind: isHarmless ? 'fine' : 'special' }
}

function bytesOf(root: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')])
}

/** By a program of its own: a look at tens of thousands of entries must hold up nobody else. */
async function findUnusual(root: string): Promise<string[]> {
  const names = opened.flatMap((name) => ['-o', '-name', name]).slice(1)
  const tooDeep = `${root.replaceAll(/[*?[\]\\]/g, String.raw`\$&`)}/${'?'.repeat(longestPath)}*`
  const expression = [
    ['-type', 'd', '-path', tooDeep, '-prune', '-print0'],
    ['-o', '-type', 'd', '!', '-perm', '-0700', '-print0'],
    ['-o', '(', '-type', 'p', '-o', '-type', 'b', '-o', '-type', 'c', ')', '-print0'],
    ['-o', '(', ...names, ')', '!', '-type', 'd', '(', '!', '-type', 'f', '-o', '-size', `+${mostBytes}c`, ')', '-print0'],
  ].flat()
  const { stdout, truncated, timedOut } = await runForBytes({
    command: ['find', root, '-xdev', ...expression],
    ...outside(),
    maxOutputBytes: 16_000_000,
  })
  if (truncated || timedOut) throw flooded(root)
  const start = Buffer.byteLength(`${root}/`)
  const listed = Buffer.from(stdout).toString('latin1').split('\0').slice(0, -1)
  // The folder itself has no name in itself.
  return listed.map((path) => path.slice(start)).filter((path) => path !== '')
}

/** Nothing is looked up in the folder. */
function outside(): Pick<Parameters<typeof runCommand>[0], 'cwd' | 'env' | 'timeout'> {
  return { cwd: '/', env: { ...scrubEnvironment(readEnvironment()), LC_ALL: 'C' }, timeout: minutes(2) }
}
