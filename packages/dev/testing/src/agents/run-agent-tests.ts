import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram, readEnvironment, runCommand } from '@coxswain/host'
import { seconds } from '@coxswain/kernel'
import { z } from 'zod'
import { installAgentPrograms } from './agent-programs.ts'

/*
 * `npm run test:agents`: installs the real programs, then runs their tests where no network but loopback exists, so that a program that
 * calls home fails instead of leaking. Started twice: outside, and inside the namespace.
 */
const insideFlag = '--inside-namespace'

async function runOutside(filters: readonly string[]): Promise<number> {
  if (process.platform !== 'linux') return fail('the tests of real agents need the network namespaces of Linux')
  await installAgentPrograms((text) => process.stderr.write(`${text}\n`))
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user']
  const self = fileURLToPath(import.meta.url)
  return runAttached('unshare', ['--net', ...asRoot, '--', process.execPath, ...process.execArgv, self, insideFlag, ...filters])
}

async function runInside(filters: readonly string[]): Promise<number> {
  await raiseLoopback()
  const others = Object.keys(networkInterfaces()).filter((name) => name !== 'lo')
  if (others.length > 0) return fail(`the namespace has other networks: ${others.join(', ')}`)
  const folder = await mkdtemp(join(tmpdir(), 'cox-agent-tests-'))
  try {
    const report = join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.agents.config.ts']
    const code = await runAttached(process.execPath, [...vitest, ...reporters, ...filters])
    return code === 0 && filters.length === 0 ? await refuseSkipped(report) : code
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Whatever of these the machine has brings the loopback interface up; Debian always has Perl. */
const raisers: readonly (readonly string[])[] = [
  ['ip', 'link', 'set', 'lo', 'up'],
  ['ifconfig', 'lo', 'up'],
  ['busybox', 'ip', 'link', 'set', 'lo', 'up'],
  // SIOCSIFFLAGS with IFF_UP | IFF_RUNNING on a datagram socket.
  [
    'perl',
    '-e',
    'use Socket; my $r = pack("a16sx22", "lo", 0x41); socket(S, AF_INET, SOCK_DGRAM, 0); ioctl(S, 0x8914, $r) or die "ioctl: $!"',
  ],
]

async function raiseLoopback(): Promise<void> {
  const env = readEnvironment()
  for (const command of raisers) {
    if ((await findProgram(command[0] ?? '', env)) === null) continue
    const result = await runCommand({ command, cwd: '/', env, timeout: seconds(10) })
    if (result.exitCode === 0) return
  }
  throw new Error('nothing here can bring up the loopback interface: install iproute2')
}

const reportSchema = z.object({ numPendingTests: z.number(), numTodoTests: z.number(), numTotalTests: z.number() })

async function refuseSkipped(report: string): Promise<number> {
  const { numPendingTests, numTodoTests, numTotalTests } = reportSchema.parse(JSON.parse(await readFile(report, 'utf8')))
  if (numTotalTests === 0) return fail('no test of an agent ran')
  return numPendingTests + numTodoTests === 0 ? 0 : fail(`${numPendingTests + numTodoTests} tests of agents were skipped`)
}

async function runAttached(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', env: readEnvironment() })
  const [code] = await once(child, 'exit')
  return typeof code === 'number' ? code : 1
}

function fail(reason: string): number {
  process.stderr.write(`${reason}\n`)
  return 1
}

const [first, ...rest] = process.argv.slice(2)
process.exitCode = first === insideFlag ? await runInside(rest) : await runOutside(process.argv.slice(2))
