#!/usr/bin/env node
// Bootstrap: brings the pinned Node and pnpm from the package registry, installs the workspace, runs a script.
// Plain JavaScript without dependencies, because on a fresh machine nothing else exists yet (Node 20 and npm only).
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scripts } from './scripts.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const toolchainDir = join(root, '.toolchain')
const minimumNodeMajor = 24

const [name, ...args] = process.argv.slice(2)
if (name === undefined || name === '--help' || !Object.hasOwn(scripts, name)) {
  const list = Object.entries(scripts).map(([key, script]) => `  ${key.padEnd(16)} ${script.about}`)
  const isHelp = name === '--help' || name === undefined
  const unknown = isHelp ? '' : `Unknown script "${name}".\n`
  process.stderr.write(`${unknown}Usage: node tools/run.mjs <script> [args]\n\n${list.join('\n')}\n`)
  process.exit(isHelp ? 0 : 2)
}

ensureToolchain()
if (!scripts[name].bare) ensureWorkspace()
runScript(scripts[name], args)

/** Installs Node and pnpm into .toolchain unless that very lockfile is installed already. */
function ensureToolchain() {
  const stamp = hashFiles('tools/toolchain/package-lock.json')
  const stampFile = join(toolchainDir, 'stamp')
  if (readStamp(stampFile) === stamp) return
  say('installing the pinned toolchain (Node, pnpm) into .toolchain …')
  withLock('.toolchain.lock', () => {
    if (readStamp(stampFile) === stamp) return
    const staging = `${toolchainDir}.${process.pid}`
    mkdirSync(staging, { recursive: true })
    for (const file of ['package.json', 'package-lock.json', '.npmrc'])
      copyFileSync(join(root, 'tools/toolchain', file), join(staging, file))
    must('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: staging,
      env: withoutNpmVariables(),
    })
    writeFileSync(join(staging, 'stamp'), stamp)
    rmSync(toolchainDir, { recursive: true, force: true })
    renameSync(staging, toolchainDir)
  })
}

/** Installs the workspace's dependencies when the lockfile changed since the last install. */
function ensureWorkspace() {
  const stampFile = join(root, 'node_modules', '.coxswain-stamp')
  const stamp = hashFiles('pnpm-lock.yaml', 'pnpm-workspace.yaml')
  if (readStamp(stampFile) === stamp) return
  say('installing dependencies …')
  withLock('.install.lock', () => {
    if (readStamp(stampFile) === stamp) return
    must(pnpmBinary(), ['install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn'], {
      cwd: root,
      env: toolEnvironment(),
    })
    writeFileSync(stampFile, stamp)
  })
}

function runScript(script, extra) {
  const steps = script.steps.map((step, index) => (index === script.steps.length - 1 ? [...step, ...extra] : step))
  const next = () => {
    const step = steps.shift()
    if (step === undefined) process.exit(0)
    const [command, ...rest] = step.map((part) =>
      part === '$node'
        ? nodeBinary()
        : part === '$pnpm'
          ? pnpmBinary()
          : script.inPlace && part.startsWith('packages/')
            ? join(root, part)
            : part,
    )
    const child = spawn(command, rest, { cwd: script.inPlace ? process.cwd() : root, env: toolEnvironment(), stdio: 'inherit' })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    child.on('error', (error) => fail(`cannot start ${command}: ${error.message}`))
    child.on('exit', (code, signal) => {
      if (signal) process.exit(128 + 15)
      if (code !== 0) process.exit(code ?? 1)
      next()
    })
  }
  next()
}

function nodeBinary() {
  const pinned = join(toolchainDir, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin/node')
  if (existsSync(pinned)) return pinned
  if (Number(process.versions.node.split('.')[0]) >= minimumNodeMajor) return process.execPath
  return fail(
    `no pinned Node for ${process.platform}-${process.arch} on the registry; install Node ${minimumNodeMajor} or newer and run this again`,
  )
}

function pnpmBinary() {
  const binary = join(toolchainDir, 'node_modules/@pnpm', `exe.${process.platform}-${process.arch}`, 'pnpm')
  return existsSync(binary)
    ? binary
    : fail(`no pinned pnpm for ${process.platform}-${process.arch}; see tools/toolchain/package.json`)
}

/** npm_* variables of an outer `npm run` would change what pnpm and nested npm do. */
function withoutNpmVariables() {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.toLowerCase().startsWith('npm_')))
}

function toolEnvironment() {
  const bins = [dirname(nodeBinary()), dirname(pnpmBinary()), join(root, 'node_modules/.bin')]
  return { ...withoutNpmVariables(), PATH: [...bins, process.env.PATH].join(':') }
}

function must(command, argv, options) {
  // Output goes to stderr: stdout belongs to the script (`--json` promises one object there).
  const result = spawnSync(command, argv, { stdio: ['ignore', 2, 2], ...options })
  if (result.status !== 0)
    fail(`${command} ${argv.join(' ')} failed${result.error ? `: ${result.error.message}` : ` with exit code ${result.status}`}`)
}

/** One installer at a time; a lock whose owner is gone is taken over. */
function withLock(file, work) {
  const lock = join(root, file)
  for (let waited = false; ;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (isAbandoned(lock)) rmSync(lock, { force: true })
      else if (!waited) {
        say(`waiting for another install (${file}) …`)
        waited = true
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    }
  }
  try {
    work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function isAbandoned(lock) {
  try {
    const pid = Number(readFileSync(lock, 'utf8'))
    if (!pid) return Date.now() - statSync(lock).mtimeMs > 2000
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

function hashFiles(...files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function say(text) {
  process.stderr.write(`coxswain: ${text}\n`)
}

function fail(text) {
  say(text)
  process.exit(2)
}
