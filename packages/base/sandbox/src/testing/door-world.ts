import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findByMarker, readEnvironment, scrubEnvironment } from '@coxswain/host'

/** A machine with a person on it: made anew for each attempt, so that what one left behind opens or shuts nothing for the next. */
export interface DoorWorld {
  readonly root: string
  readonly worktree: string
  readonly repository: string
  readonly home: string
  readonly state: string
  /** Files that a contained command is allowed to read. */
  readonly shared: string
  /** Of the person: what the sandbox is planned by. */
  readonly environment: Readonly<Record<string, string>>
  /** A process outside, with a secret in its environment; whoever asks may trace it. */
  readonly neighbour: ChildProcess
  readonly port: number
  readonly abstractName: string
  dispose(): Promise<void>
}

/** In the environment of everything that an attempt starts. */
export const doorMark = 'COX_DOOR_TEST'

const secret = 'cox-secret-4711'
const neighbourProgram =
  'my $n = $ARGV[0] eq "x64" ? 157 : 167; syscall($n, 0x59616d61, -1, 0, 0, 0); $| = 1; print "ready\\n"; sleep 300'

export async function openDoorWorld(): Promise<DoorWorld> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'cox-doors-')))
  const [repository, worktree] = [join(root, 'repository'), join(root, 'state/repo/worktrees/1')]
  const [home, state, shared] = [join(root, 'home'), join(root, 'state'), join(root, 'shared')]
  placeFiles({ home, state, shared, repository })
  const environment: Readonly<Record<string, string>> = {
    ...scrubEnvironment(readEnvironment()),
    HOME: home,
    COXSWAIN_STATE_DIR: state,
    [doorMark]: root,
  }
  placeRepository(repository, worktree)
  const abstractName = `cox-door-${root.slice(-6)}`
  const servers = await Promise.all(
    [`${shared}/service.sock`, `${state}/repo/postgres/socket/.s.PGSQL.5432`, `\0${abstractName}`, 0].map(listen),
  )
  const neighbour = await startNeighbour(environment['PATH'] ?? '')
  const address = servers.at(-1)?.address()
  return {
    root,
    worktree,
    repository,
    home,
    state,
    shared,
    environment,
    neighbour,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    abstractName,
    dispose: async () => {
      neighbour.kill('SIGKILL')
      for (const pid of findByMarker(doorMark, root)) process.kill(pid, 'SIGKILL')
      for (const server of servers) server.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function placeFiles({ home, state, shared, repository }: Pick<DoorWorld, 'home' | 'state' | 'shared' | 'repository'>): void {
  const files = [
    `${home}/.ssh/id_ed25519`,
    `${home}/.codex/auth.json`,
    `${home}/.npm/_cacache/index`,
    `${home}/.cache/coxswain/facts/seed`,
    `${state}/repo/daemon.json`,
    `${state}/repo/runs/r2/home/notes`,
    `${state}/repo/postgres/socket/.keep`,
    `${shared}/file`,
    `${repository}/file`,
  ]
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${secret}\n`)
  }
}

async function startNeighbour(path: string): Promise<ChildProcess> {
  const neighbour = spawn('perl', ['-e', neighbourProgram, process.arch], { env: { PATH: path, SECRET: secret } })
  await new Promise((resolve) => neighbour.stdout?.once('data', resolve))
  return neighbour
}

let template: string | null = null

/** A repository with one commit and a linked worktree. Made by git once, because each of its processes costs more than an attempt. */
function placeRepository(repository: string, worktree: string): void {
  template ??= makeTemplate()
  const own = join(repository, '.git/worktrees/1')
  cpSync(template, join(repository, '.git'), { recursive: true })
  for (const folder of [own, worktree]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(worktree, '.git'), `gitdir: ${own}\n`)
  writeFileSync(join(own, 'gitdir'), `${worktree}/.git\n`)
  writeFileSync(join(own, 'commondir'), '../..\n')
  writeFileSync(join(own, 'HEAD'), 'ref: refs/heads/work\n')
}

function makeTemplate(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cox-doors-git-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const env = { ...scrubEnvironment(readEnvironment()), HOME: folder }
  const git = (...args: string[]): unknown => execFileSync('git', args, { cwd: folder, env, stdio: 'ignore' })
  git('init', '--quiet', '--initial-branch=main', '--template=')
  git('-c', 'user.name=t', '-c', 'user.email=t@example.invalid', 'commit', '--quiet', '--allow-empty', '-m', 'first')
  git('branch', 'work')
  mkdirSync(join(folder, '.git/hooks'))
  return join(folder, '.git')
}

function listen(where: string | number): Promise<Server> {
  const place = typeof where === 'number' ? { port: where, host: '127.0.0.1' } : { path: where }
  const server = createServer((socket) => socket.end(`${secret}\n`))
  return new Promise((resolve) => server.listen(place, () => resolve(server)))
}
