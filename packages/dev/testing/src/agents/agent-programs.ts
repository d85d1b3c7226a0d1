import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readEnvironment, runCommand } from '@coxswain/host'
import { minutes } from '@coxswain/kernel'
import { z } from 'zod'
import programs from './agent-programs.json' with { type: 'json' }

const programSchema = z.object({ version: z.string(), setup: z.string().optional() })
const pinned = z.record(z.string(), programSchema).parse(programs)

/** Where `npm run test:agents` keeps the real programs in their pinned versions, outside the repository. */
export function agentCacheFolder(): string {
  const environment = readEnvironment()
  const cache = environment['XDG_CACHE_HOME'] ?? join(environment['HOME'] ?? '/tmp', '.cache')
  const versions = createHash('sha256').update(JSON.stringify(pinned)).digest('hex').slice(0, 12)
  return join(cache, 'coxswain', `agents-${versions}`)
}

export function agentProgramFolder(): string {
  return join(agentCacheFolder(), 'node_modules/.bin')
}

/** Installs the pinned programs unless they are there; two installers at once do no harm. */
export async function installAgentPrograms(say: (text: string) => void): Promise<void> {
  const folder = agentCacheFolder()
  if (existsSync(folder)) return
  say(`installing ${Object.keys(pinned).join(', ')} into ${folder} …`)
  await mkdir(dirname(folder), { recursive: true })
  const staging = await mkdtemp(`${folder}.`)
  try {
    await install(staging)
    await rename(staging, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

async function install(folder: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true }))
  const packages = Object.entries(pinned).map(([name, { version }]) => `${name}@${version}`)
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  await run(['npm', 'install', '--save-exact', ...flags, ...packages], folder)
  // Only these place the program for this machine; scripts of anything below are of no use to us.
  for (const [name, { setup }] of Object.entries(pinned))
    if (setup !== undefined) await run([process.execPath, setup], join(folder, 'node_modules', name))
  for (const name of Object.keys(pinned)) await readFile(join(folder, 'node_modules', name, 'package.json'))
}

async function run(command: readonly string[], cwd: string): Promise<void> {
  const env = Object.fromEntries(Object.entries(readEnvironment()).filter(([name]) => !name.toLowerCase().startsWith('npm_')))
  const result = await runCommand({ command, cwd, env, timeout: minutes(10) })
  if (result.exitCode !== 0) throw new Error(`${command.join(' ')} failed: ${result.stderr.slice(-2_000)}`)
}
