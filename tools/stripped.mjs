#!/usr/bin/env node
// Runs a command as on a fresh machine: Debian's required packages, git, Node, npm and certificates; every other program is not there, by
// no path. The clone lies below /root (mode 0700), or in a home of its own for another user. Needs root, dpkg and util-linux.
import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const usage = `Usage: node tools/stripped.mjs [--as root|nobody|<uid>] [--with <package>,…] [--machine <folder>] -- <command> [args]

  --as       who runs the command; default root
  --with     packages of this machine that are there besides
  --machine  keeps the machine in this folder and uses it again; otherwise it is removed afterwards
`
const repository = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const programFolders = ['/usr/bin', '/usr/sbin']
const ordinaryTop =
  'bin boot dev etc home lib lib32 lib64 libx32 lost+found media mnt opt proc root run sbin srv sys tmp usr var'.split(' ')
/** What reaches the package registry from here; nothing else of the environment is handed on. */
const passedOn = (
  'http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY npm_config_registry ' +
  'NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR TERM CI'
).split(' ')

const { values, positionals } = readArguments()
const machine = values.machine === undefined ? mkdtempSync('/var/tmp/stripped-') : resolve(values.machine)
const user = describeUser(values.as)
prepare()
const kept = keptFiles(values.with === undefined ? [] : values.with.split(','))
fillPrograms(kept)
run()

function readArguments() {
  try {
    const options = { as: { type: 'string', default: 'root' }, with: { type: 'string' }, machine: { type: 'string' } }
    const parsed = parseArgs({ options, allowPositionals: true })
    if (parsed.positionals.length === 0) throw new Error('which command?')
    if (process.getuid() !== 0) throw new Error('only root can strip a machine')
    return parsed
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${usage}`)
    process.exit(2)
  }
}

function describeUser(name) {
  if (name === 'root') return { uid: 0, gid: 0, home: '/root' }
  if (/^\d+$/.test(name)) return { uid: Number(name), gid: Number(name), home: `/home/${name}` }
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' })))
  return { uid, gid, home: `/home/${name}` }
}

/** A home with a clone of what is committed, a temporary folder, and what hides others: an empty folder and an empty file. */
function prepare() {
  for (const folder of ['root', 'home', 'tmp', 'empty']) mkdirSync(join(machine, folder), { recursive: true })
  writeFileSync(join(machine, 'nothing'), '')
  chmodSync(machine, 0o755)
  chmodSync(join(machine, 'root'), 0o700)
  chmodSync(join(machine, 'tmp'), 0o1777)
  const clone = join(machine, user.home, 'coxswain')
  if (existsSync(clone)) return
  mkdirSync(dirname(clone), { recursive: true })
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', repository, clone], { stdio: 'inherit' })
  chownSync(dirname(clone), user.uid, user.gid)
  execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, clone])
}

/** Files of the packages that stay, by their real path. Of Node's package only its own files: what it recommends is not its need. */
function keptFiles(more) {
  const packages = new Map(
    lines('dpkg-query', '-W', '-f', '${Package}\t${Essential}\t${Priority}\t${Provides}\t${Pre-Depends}, ${Depends}\n').map(
      (line) => {
        const [name, essential, priority, provides, depends] = line.split('\t')
        return [
          name,
          { isRequired: essential === 'yes' || priority === 'required', provides: names(provides), depends: names(depends) },
        ]
      },
    ),
  )
  const staying = new Set()
  const stay = (name) => {
    const found = packages.has(name) ? name : [...packages].find(([, { provides }]) => provides.includes(name))?.[0]
    if (found === undefined || staying.has(found)) return
    staying.add(found)
    packages.get(found).depends.forEach(stay)
  }
  for (const [name, { isRequired }] of packages) if (isRequired) stay(name)
  for (const name of ['git', 'ca-certificates', 'libc-bin', ...more]) {
    if (!packages.has(name)) throw new Error(`the package ${name} is not installed here`)
    stay(name)
  }
  return new Set(lines('dpkg-query', '-L', ...staying).map(realPath))
}

/** Package names of a dependency field: of alternatives, those that are installed here count. */
function names(field) {
  return field
    .split(/[,|]/)
    .map((part) => part.trim().replace(/[ :(].*$/s, ''))
    .filter((name) => name !== '')
}

/** Copies, so that one mount each replaces the folders of programs. */
function fillPrograms(files) {
  const node = ['node', 'npm', 'npx'].map((name) => lines('sh', '-c', `command -v ${name}`)[0])
  for (const folder of programFolders) {
    const staged = join(machine, basename(folder))
    rmSync(staged, { recursive: true, force: true })
    mkdirSync(staged)
    for (const name of readdirSync(folder)) {
      const path = join(folder, name)
      if (files.has(path) || files.has(realPath(path)) || node.some((own) => realPath(own) === realPath(path)))
        cpSync(path, join(staged, name), { verbatimSymlinks: true, preserveTimestamps: true })
    }
  }
}

/** Folders of other programs below /usr/lib, and whatever does not belong to a fresh system's root. */
function hiddenFolders() {
  const libraries = ['/usr/lib', '/usr/libexec'].filter(existsSync).flatMap((top) => children(top))
  const ofNobody = libraries.filter(
    (path) => !kept.has(path) && !/^\/usr\/lib\/(?:node_modules|[^/]+-linux-gnu|locale|ssl)$/.test(path),
  )
  const top = children('/').filter((path) => !ordinaryTop.includes(path.slice(1)) && realPath(path) === path)
  return ['/usr/local', '/usr/games', '/opt', '/srv', ...ofNobody, ...top].filter(existsSync)
}

function children(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [join(folder, entry.name)] : []))
}

function run() {
  const hide = hiddenFolders().map((path) => [join(machine, 'empty'), path])
  const replace = ['root', 'home', 'tmp'].map((name) => [join(machine, name), `/${name}`])
  const programs = programFolders.map((path) => [join(machine, basename(path)), path])
  const settings = ['/etc/gitconfig'].filter(existsSync).map((path) => [join(machine, 'nothing'), path])
  const mounts = [...hide, ...settings, ...replace, ...programs].flat()
  // The first process of a namespace inherits orphans: unless it waits for them, a dead server looks alive to the next one.
  const reaping = `exec 3<&0; "$@" <&3 3<&- & child=$!; trap 'kill -TERM "$child"' INT TERM; status=0; wait "$child" || status=$?
while kill -0 "$child" 2>/dev/null; do status=0; wait "$child" || status=$?; done; exit "$status"`
  const script = `while [ "$1" != -- ]; do mount --bind "$1" "$2"; shift 2; done; shift; cd "$HOME/coxswain"; ${reaping}`
  const become = ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', '--']
  const env = Object.fromEntries(passedOn.flatMap((name) => (name in process.env ? [[name, process.env[name]]] : [])))
  const apart = '--mount --pid --fork --kill-child --mount-proc --propagation=private'.split(' ')
  const command = [...mounts, '--', ...(user.uid === 0 ? [] : become), ...positionals]
  const child = spawn('unshare', [...apart, 'sh', '-euc', script, 'stripped', ...command], {
    cwd: '/',
    stdio: 'inherit',
    env: { ...env, HOME: user.home, PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => {
    if (values.machine === undefined) rmSync(machine, { recursive: true, force: true })
    process.exitCode = code ?? 1
  })
}

function lines(command, ...args) {
  return execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
    .split('\n')
    .filter((line) => line !== '')
}

function realPath(path) {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
