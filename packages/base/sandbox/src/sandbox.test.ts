import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findByMarker, findProgram, readEnvironment, runCommand, scrubEnvironment, startDetached } from '@coxswain/host'
import { milliseconds, seconds } from '@coxswain/kernel'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEgressProxy } from './egress/open-egress-proxy.ts'
import { canOverlay } from './can-overlay.ts'
import { proxyFolder } from './proxy-folder.ts'
import { findForms, findSandbox, type UsableSandbox } from './find-sandbox.ts'
import { sandboxCommand, type SandboxOptions } from './sandbox-command.ts'
import { isPartial } from './start-plan.ts'

const env = scrubEnvironment(readEnvironment())
let sandbox: UsableSandbox
let folder: string
let worktree: string
let repository: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cox sandbox '))
  repository = join(folder, 'main repo')
  worktree = join(folder, 'a worktree')
  mkdirSync(repository)
  git(repository, 'init', '--quiet', '--initial-branch=main')
  writeFileSync(join(repository, 'file.txt'), 'one\n')
  git(repository, 'add', '.')
  git(repository, '-c', 'user.name=t', '-c', 'user.email=t@example.invalid', 'commit', '--quiet', '-m', 'first')
  git(repository, 'worktree', 'add', '--quiet', worktree, '-b', 'work')
})
afterEach(() => {
  // The kernel leaves this folder of an overlay without any permission.
  if (existsSync(join(folder, 'work/work'))) rmdirSync(join(folder, 'work/work'))
  rmSync(folder, { recursive: true, force: true })
})

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', env })
}

async function inSandbox(script: string, more: Partial<SandboxOptions> = {}) {
  return sandboxCommand({
    sandbox,
    command: ['bash', '-c', script],
    cwd: worktree,
    worktree,
    writable: [],
    network: 'full',
    ...more,
  })
}

async function run(script: string, more: Partial<SandboxOptions> = {}): Promise<string> {
  const command = await inSandbox(script, more)
  const result = await runCommand({ command, cwd: worktree, env, timeout: seconds(30) })
  return `${result.stdout}${result.stderr}exit ${result.exitCode}`
}

test('a machine without any form is told what to do', async () => {
  expect(await findSandbox({ PATH: folder })).toEqual({
    kind: 'none',
    reason: 'neither bubblewrap (bwrap) nor Perl is installed',
    hint: 'Install the package bubblewrap.',
  })
})

test('a form that cannot work here is not used, and the next one is', async () => {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const name of ['bwrap', 'perl'])
    writeFileSync(join(bin, name), '#!/bin/sh\necho "No permissions to create new namespace" >&2\nexit 1\n', { mode: 0o755 })
  expect(await findSandbox({ PATH: bin })).toEqual({
    kind: 'none',
    reason: `${bin}/bwrap does not work here: No permissions to create new namespace; ${bin}/perl does not work here: No permissions to create new namespace`,
    hint: 'Allow unprivileged user namespaces, or run where they are allowed.',
  })
  const perl = await findProgram('perl', env)
  rmSync(join(bin, 'perl'))
  symlinkSync(perl ?? '', join(bin, 'perl'))
  expect(await findSandbox({ PATH: `${bin}/` })).toMatchObject({ kind: 'namespaces', program: `${bin}/perl` })
})

/** A partial form does a part of this: see doors.test.ts. */
const forms = (await findForms(env))
  .filter((form) => !isPartial(form))
  .map((form) => ({ form, name: `${form.kind} by ${form.program}` }))

describe.each(forms)('$name', ({ form }) => {
  beforeEach(() => {
    sandbox = form
  })

  test('the worktree and the given folders are writable', async () => {
    const state = join(folder, 'state')
    mkdirSync(state)
    expect(await run(`echo two > file.txt && mkdir sub && echo x > '${state}/y'`, { writable: [state] })).toBe('exit 0')
    expect(readFileSync(join(worktree, 'file.txt'), 'utf8')).toBe('two\n')
    expect(readFileSync(join(state, 'y'), 'utf8')).toBe('x\n')
  })

  test.each([
    ['the home folder', () => join(homedir(), '.cox-sandbox-test')],
    ['the system', () => '/etc/cox-sandbox-test'],
    ['the main repository', () => join(repository, 'file.txt')],
    ['its git folder', () => join(repository, '.git/config')],
    ["the worktree's own git folder", () => join(repository, '.git/worktrees/a-worktree/HEAD')],
    ["the worktree's git pointer", () => join(worktree, '.git')],
  ])('writing to %s fails', async (_, path) => {
    expect(await run(`printf x > '${path()}'`, { readable: [repository] })).toMatch(
      /(?:Read-only file system|Permission denied)\nexit 1$/,
    )
  })

  test('kernel settings cannot be changed, also by root', async () => {
    expect(await run('cat /proc/sys/kernel/printk > /proc/sys/kernel/printk')).toMatch(
      /(?:Read-only file system|Permission denied)\nexit 1$/,
    )
  })

  test('a command that is an ordinary user there can start a sandbox of its own', async () => {
    const script = 'id -u; echo x > mine; unshare -Ur true && echo nested; cat mine'
    const uid = process.getuid?.() === 0 ? 1000 : process.getuid?.()
    expect(await run(script, { user: 'ordinary' })).toBe(`${uid}\nnested\nx\nexit 0`)
  })

  test('the git pointer cannot be replaced either', async () => {
    expect(await run('rm -f .git || mv .git gone; cat .git')).toContain(`gitdir: ${repository}/.git/worktrees/a-worktree`)
  })

  test('a mount cannot be turned writable again, also by root', async () => {
    expect(await run('mount -o remount,rw,bind / 2>&1; echo x > /cox-sandbox-test')).toMatch(/Read-only file system\nexit 1$/)
  })

  test('git status and diff work in the worktree', async () => {
    expect(await run('echo two > file.txt; touch new.txt; git status --short; git diff --stat; git log --format=%s')).toBe(
      ' M file.txt\n?? new.txt\n file.txt | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\nfirst\nexit 0',
    )
  })

  test('git works in a main checkout, whose git folder stays read-only', async () => {
    const more = { worktree: repository, cwd: repository }
    expect(await run('echo two > file.txt; git status --short', more)).toBe(' M file.txt\nexit 0')
    expect(await run('echo x > .git/hooks/pre-commit', more)).toMatch(/Read-only file system\nexit 1$/)
  })

  test('of a home there are tools and settings of git, nothing else; what is named comes back', async () => {
    const home = join(folder, 'elsewhere', 'a home')
    const files = [
      '.ssh/id',
      '.gitconfig',
      '.nvm/bin/tool',
      '.cargo/bin/cargo',
      '.cargo/credentials.toml',
      '.config/tool/x',
      '.npmrc',
      'other/.git/HEAD',
    ]
    for (const file of files) {
      mkdirSync(dirname(join(home, file)), { recursive: true })
      writeFileSync(join(home, file), 'content\n')
    }
    mkdirSync(join(home, 'dotfiles/share'), { recursive: true })
    writeFileSync(join(home, 'dotfiles/ignore'), 'linked\n')
    symlinkSync('dotfiles/ignore', join(home, '.gitignore'))
    const list = `cd '${home}' && find . -type f | sort; cat .gitignore; echo x 2>&1 > y`
    const environment = { ...env, HOME: home, PATH: `${home}/dotfiles/bin:${env['PATH'] ?? ''}` }
    expect(await run(list, { environment })).toMatch(
      /^\.\/\.cargo\/bin\/cargo\n\.\/\.gitconfig\n\.\/\.gitignore\n\.\/\.nvm\/bin\/tool\nlinked\n.*Read-only file system\nexit 1$/,
    )
    const readable = [join(home, '.config/tool'), join(home, '.cargo')]
    expect(await run(`cd '${home}' && find .config .cargo -type f -size +0 | sort`, { environment, readable })).toBe(
      './.cargo/bin/cargo\n./.config/tool/x\nexit 0'.replaceAll('./', ''),
    )
  })

  test('our own state and caches are hidden but for what is opened in them', async () => {
    const [state, cache] = [join(folder, 'x/state'), join(folder, 'x/cache')]
    for (const path of [`${state}/runs/r1/home`, `${state}/runs/r2`, `${state}/postgres`, `${cache}/coxswain`])
      mkdirSync(path, { recursive: true })
    for (const path of [`${state}/daemon.json`, `${state}/runs/r1/home/mine`, `${cache}/coxswain/seed`]) writeFileSync(path, 'x')
    const environment = { ...env, COXSWAIN_STATE_DIR: state, XDG_CACHE_HOME: cache }
    const readable = [join(folder, 'x')]
    const script = `cd '${folder}/x' && find . -type f; echo >state/runs/r1/home/more`
    const named = ['bash', '-c', 'ls "$(dirname "$1")"', 'x', `${state}/runs/r1`]
    expect(await run(script, { environment, readable, writable: [`${state}/runs/r1/home`] })).toBe(
      './state/runs/r1/home/mine\nexit 0',
    )
    // What is named in state brings nothing of what lies beside it.
    expect(await run('', { environment, command: named, writable: [`${state}/runs/r1/home`] })).toBe('r1\nexit 0')
  })

  test('a socket of any folder is closed, unless it is named', async () => {
    const path = join(folder, 'x', 'service.sock')
    mkdirSync(join(folder, 'x'))
    const server = createServer((socket) => socket.end('reached'))
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const connect = `perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_STREAM, 0); connect($s, pack_sockaddr_un($ARGV[0])) or die "$!\\n"; print <$s>' '${path}'`
    try {
      expect(await run(connect, { readable: [join(folder, 'x')] })).toMatch(
        /^(?:Connection refused|Socket operation.*)\nexit \d+$/,
      )
      expect(await run(connect)).toBe('No such file or directory\nexit 2')
      expect(await run(connect, { sockets: [path] })).toBe('reachedexit 0')
    } finally {
      server.close()
    }
  })

  test('temporary folder and /run are private', async () => {
    writeFileSync(join(folder, 'secret'), 'x')
    expect(await run(`echo x > /tmp/mine && ls /run; cat '${folder}/secret'`)).toMatch(/No such file or directory\nexit 1$/)
    expect(await run(`cat '${folder}/secret'`, { readable: [join(folder, 'secret')] })).toBe('xexit 0')
  })

  test("a command's own files in the temporary folder are readable", async () => {
    const script = join(folder, 'script.sh')
    writeFileSync(script, 'cat "$(dirname "$0")/beside"; echo x > "$0"')
    writeFileSync(join(folder, 'beside'), 'found ')
    const command = await inSandbox('', { command: ['bash', script] })
    const result = await runCommand({ command, cwd: worktree, env, timeout: seconds(30) })
    expect([result.stdout, result.exitCode]).toEqual(['found ', 1])
  })

  test('a folder that is missing is an error with its path', async () => {
    await expect(inSandbox(':', { writable: [join(folder, 'gone')] })).rejects.toMatchObject({ code: 'FOLDER_MISSING' })
  })

  test('without network there is nothing but an own loopback interface', async () => {
    const server = createServer((socket) => socket.end('reached'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const script = `tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '; exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`
    try {
      expect(await run(script, { network: 'none' })).toMatch(/^lo\n[^]*Connection refused[^]*exit 1$/)
      expect(await run(script)).toMatch(/reachedexit 0$/)
    } finally {
      server.close()
    }
  })

  test('by proxy there is the internet alone: no service of this machine, neither by its port nor by its abstract name', async () => {
    const environment = { ...env, COXSWAIN_STATE_DIR: join(folder, 'state') }
    await expect(inSandbox(':', { network: 'proxied', environment })).rejects.toMatchObject({ code: 'PROXY_UNAVAILABLE' })
    const server = createHttpServer((_, answer) => answer.end('reached'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const get = `perl -e 'my ($p) = $ENV{http_proxy} =~ /:(\\d+)$/; socket(my $s, 2, 1, 0); connect($s, pack "S n C4 x8", 2, $p, 127, 0, 0, 1) or die $!; syswrite $s, "GET http://127.0.0.1:${port}/ HTTP/1.0\\r\\n\\r\\n"; print <$s>'`
    for (const isAllowed of [true, false]) {
      const proxy = await openEgressProxy({ folder: proxyFolder(environment), isAllowed: () => isAllowed })
      try {
        const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; ${get}; echo " $?"; read line; echo "got $line"; exit 4`
        const command = await inSandbox(script, { network: 'proxied', environment })
        const result = await runCommand({ command, cwd: worktree, env, stdin: 'input\n', timeout: seconds(30) })
        const head = isAllowed ? '200 OK' : '403 Forbidden'
        expect(result.stdout).toMatch(
          new RegExp(
            `^HTTP/1.1 ${head}\r\n[^]*\r\n\r\n${isAllowed ? 'reached' : '[^\n]*is not on the internet[^\n]*\n'} 0\ngot input\n$`,
          ),
        )
        expect(result.exitCode).toBe(4)
        expect(result.stderr).toMatch(/Connection refused/)
      } finally {
        await proxy.close()
      }
    }
    server.close()
  })

  test('the whole tree dies with its program, also what left the process group', async () => {
    const command = await inSandbox(`setsid sleep 300 & (trap '' TERM HUP; sleep 300) & echo started`)
    await runCommand({ command, cwd: worktree, env: { ...env, COX_SANDBOX_TEST: folder }, timeout: seconds(30) })
    expect(findByMarker('COX_SANDBOX_TEST', folder)).toEqual([])
  })

  test('a detached process keeps its input, output and exit code in the sandbox', async () => {
    const command = await inSandbox('read line; echo "got $line"; setsid sleep 300 & exit 5')
    const process = await startDetached({ dir: join(folder, 'p'), key: 'k', command, cwd: worktree, env, input: 'lines' })
    await process.sendLine('a', 'hello')
    const lines: unknown[] = []
    for await (const line of process.lines(new AbortController().signal)) lines.push(line)
    expect(lines).toEqual([{ kind: 'line', text: 'got hello' }])
    expect(await process.exited(new AbortController().signal)).toEqual({ exitCode: 5 })
  })

  test('stopping a detached process ends everything inside, and nothing has to be hunted', async () => {
    const command = await inSandbox(`trap '' TERM; setsid sleep 300 & echo ready; sleep 300`)
    const process = await startDetached({
      dir: join(folder, 'p'),
      key: 'k',
      command,
      cwd: worktree,
      env: { ...env, COX_SANDBOX_TEST: folder },
      input: 'none',
    })
    for await (const line of process.lines(new AbortController().signal)) if (line.kind === 'line' && line.text === 'ready') break
    expect(await process.stop({ grace: milliseconds(200) })).toEqual({ stragglers: [] })
    expect(findByMarker('COX_SANDBOX_TEST', folder)).toEqual([])
  })

  test('what is written below an overlay goes to its upper layer, where the form can, and the git folder stays read-only', async () => {
    const [upper, work] = [join(folder, 'upper: a,b'), join(folder, 'work')]
    for (const path of [upper, work]) mkdirSync(path)
    const overlays = [{ at: worktree, lower: worktree, upper, work }]
    expect(await canOverlay(sandbox, folder)).toBe(sandbox.overlaying !== null)
    if (sandbox.overlaying === null)
      return expect(inSandbox(':', { overlays })).rejects.toMatchObject({ code: 'OVERLAY_UNSUPPORTED' })
    const script =
      'echo two > file.txt; echo new > new.txt; git status --short; echo x > .git; (echo x >> "$(git rev-parse --git-dir)/HEAD")'
    expect(await run(script, { overlays })).toMatch(/^ M file.txt\n\?\? new.txt\n(?:.*Read-only file system\n){2}exit 1$/)
    expect([readFileSync(join(worktree, 'file.txt'), 'utf8'), readdirSync(upper).toSorted()]).toEqual([
      'one\n',
      ['file.txt', 'new.txt'],
    ])
  })
})
