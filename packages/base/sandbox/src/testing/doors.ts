import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findByMarker } from '@coxswain/host'
import type { PlanOptions } from '../plan-sandbox.ts'
import type { SandboxForm } from '../start-plan.ts'
import { doorMark, type DoorWorld } from './door-world.ts'

/** One way out. `docs/security.md` has a row for each: a test holds them together. */
export interface Door {
  readonly id: string
  /** A script for `sh`, which ends with 0 where the way was open. */
  readonly attempt: (world: DoorWorld) => string
  /** What shows it from outside, where the script's word is not enough. */
  readonly wasOpen?: (world: DoorWorld) => boolean
  readonly network?: PlanOptions['network']
  /** Forms in which it is open, as the documentation says. */
  readonly openIn?: readonly SandboxForm['kind'][]
  /** Also without a sandbox it may be shut: to ordinary users, or by the kernel's settings. */
  readonly isOpenSomewhere?: true
  /** Tried with a private git folder, as agents have one. */
  readonly hasPrivateGit?: true
  /** Needs a terminal that it shares with its caller. */
  readonly hasTerminal?: true
}

/** What was killed takes the kernel a moment. */
function isLeft(root: string, tries = 20): boolean {
  if (findByMarker(doorMark, root).length === 0 || tries === 0) return tries === 0
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  return isLeft(root, tries - 1)
}

const everywhere = ['bubblewrap', 'namespaces'] as const

/** Perl makes the system calls that a shell cannot. */
const perl = (program: string, ...args: readonly (string | number)[]): string =>
  `perl -e '${program}' ${args.map((arg) => `'${arg}'`).join(' ')}`
const connect = (path: string): string =>
  perl('socket(my $s, 1, 1, 0) or exit 1; connect($s, pack "S a108", 1, $ARGV[0]) or exit 1; exit(<$s> ? 0 : 1)', path)
const connectAbstract = (name: string): string =>
  perl('socket(my $s, 1, 1, 0) or exit 1; connect($s, pack "S x a*", 1, $ARGV[0]) or exit 1; exit(<$s> ? 0 : 1)', name)
const connectPort = (port: number): string =>
  perl(
    'socket(my $s, 2, 1, 0) or exit 1; connect($s, pack "S n C4 x8", 2, $ARGV[0], 127, 0, 0, 1) or exit 1; exit(<$s> ? 0 : 1)',
    port,
  )
const call = (x64: number, arm64: number, args: string): string => `syscall(${process.arch === 'x64' ? x64 : arm64}, ${args})`
const isChanged = (path: string): boolean => readFileSync(path, 'utf8') !== 'cox-secret-4711\n'

export const doors: readonly Door[] = [
  {
    id: 'file-outside',
    attempt: ({ root }) => `echo x > ${root}/written`,
    wasOpen: ({ root }) => existsSync(join(root, 'written')),
  },
  {
    id: 'file-by-symlink',
    attempt: ({ shared }) => `ln -s ${shared}/file link && echo x > link`,
    wasOpen: ({ shared }) => isChanged(`${shared}/file`),
  },
  {
    id: 'hard-link-out',
    attempt: ({ shared }) => `ln ${shared}/file linked && echo x > linked`,
    wasOpen: ({ shared }) => isChanged(`${shared}/file`),
  },
  { id: 'home-key', attempt: ({ home }) => `cat ${home}/.ssh/id_ed25519` },
  { id: 'other-login', attempt: ({ home }) => `cat ${home}/.codex/auth.json` },
  {
    id: 'package-cache',
    attempt: ({ home }) => `echo x > ${home}/.npm/_cacache/index`,
    wasOpen: ({ home }) => isChanged(`${home}/.npm/_cacache/index`),
  },
  {
    id: 'own-cache',
    attempt: ({ home }) => `echo x > ${home}/.cache/coxswain/facts/seed`,
    wasOpen: ({ home }) => isChanged(`${home}/.cache/coxswain/facts/seed`),
  },
  { id: 'daemon-token', attempt: ({ state }) => `cat ${state}/repo/daemon.json` },
  { id: 'other-run', attempt: ({ state }) => `cat ${state}/repo/runs/r2/home/notes` },
  { id: 'database-socket', attempt: ({ state }) => connect(`${state}/repo/postgres/socket/.s.PGSQL.5432`) },
  {
    id: 'git-folder',
    attempt: ({ repository }) => `echo x > ${repository}/.git/hooks/post-checkout`,
    wasOpen: ({ repository }) => existsSync(join(repository, '.git/hooks/post-checkout')),
    hasPrivateGit: true,
  },
  {
    id: 'git-refs',
    attempt: () => 'git update-ref refs/heads/planted HEAD',
    wasOpen: ({ repository }) => existsSync(join(repository, '.git/refs/heads/planted')),
    hasPrivateGit: true,
  },
  {
    id: 'git-stash',
    attempt: () => 'echo x > file && git add file && git stash',
    wasOpen: ({ repository }) => existsSync(join(repository, '.git/refs/stash')),
    hasPrivateGit: true,
  },
  {
    id: 'git-settings',
    attempt: () => 'git config core.fsmonitor ./program',
    hasPrivateGit: true,
  },
  {
    id: 'git-pointer',
    attempt: ({ shared }) => `echo 'gitdir: ${shared}' > .git`,
    wasOpen: ({ worktree, shared }) => readFileSync(join(worktree, '.git'), 'utf8').includes(shared),
    openIn: ['landlock'],
    hasPrivateGit: true,
  },
  { id: 'path-socket', attempt: ({ shared }) => connect(`${shared}/service.sock`) },
  { id: 'abstract-socket', attempt: ({ abstractName }) => connectAbstract(abstractName) },
  {
    id: 'abstract-socket-full',
    attempt: ({ abstractName }) => connectAbstract(abstractName),
    network: 'full',
    openIn: everywhere,
  },
  { id: 'loopback', attempt: ({ port }) => connectPort(port) },
  { id: 'loopback-full', attempt: ({ port }) => connectPort(port), network: 'full', openIn: [...everywhere, 'landlock'] },
  { id: 'process-environment', attempt: ({ neighbour }) => `grep -q SECRET /proc/${neighbour.pid}/environ` },
  { id: 'process-files', attempt: ({ neighbour, home }) => `cat /proc/${neighbour.pid}/root${home}/.ssh/id_ed25519` },
  { id: 'process-kill', attempt: ({ neighbour }) => `kill -9 ${neighbour.pid}` },
  {
    id: 'process-trace',
    // PTRACE_SEIZE
    attempt: ({ neighbour }) => perl(`exit(${call(101, 117, '0x4206, $ARGV[0] + 0, 0, 0')} == 0 ? 0 : 1)`, neighbour.pid ?? 0),
    isOpenSomewhere: true,
  },
  {
    id: 'keyring',
    // add_key to the user's keyring; the key is thrown away at once.
    attempt: () =>
      perl(
        `my ($t, $n, $v) = ("user", "cox-door", "x"); my $k = ${call(248, 217, '$t, $n, $v, 1, -4')}; exit 1 if $k == -1; my $w = 21; ${call(250, 219, '$w, $k, 0, 0, 0')}; exit 0`,
      ),
    isOpenSomewhere: true,
  },
  {
    id: 'terminal',
    attempt: () => perl('my $c = "x"; exit(ioctl(STDIN, 0x5412, $c) ? 0 : 1)'),
    hasTerminal: true,
    isOpenSomewhere: true,
  },
  // Opened, never written to: what is written there counts for the whole machine.
  {
    id: 'kernel-settings',
    attempt: () => perl('exit(open(my $f, "+<", "/proc/sys/kernel/core_pattern") ? 0 : 1)'),
    isOpenSomewhere: true,
  },
  {
    id: 'disk',
    attempt: () => 'for d in $(ls /sys/block); do head -c 1 /dev/$d >/dev/null 2>&1 && exit 0; done; exit 1',
    isOpenSomewhere: true,
  },
  {
    id: 'unmount',
    attempt: ({ home }) =>
      `cat ${home}/.ssh/id_ed25519 || unshare -Urm sh -c 'umount ${home}; umount -l /tmp; mount -o remount,rw /; cat ${home}/.ssh/id_ed25519'`,
  },
  {
    id: 'left-behind',
    attempt: () => 'setsid sleep 300 >/dev/null 2>&1 & true',
    wasOpen: ({ root }) => isLeft(root),
  },
]
