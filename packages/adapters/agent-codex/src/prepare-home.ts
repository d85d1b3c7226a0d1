import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { atomicWrite, copyIfPresent, makePrivateFolder, replaceLink } from '@coxswain/host'

export interface HomeOptions {
  readonly stateDir: string
  /** The user's own environment: where the login is, and the keys that it names. */
  readonly userEnvironment: Readonly<Record<string, string>>
  readonly sessionEnvironment: Readonly<Record<string, string>>
}

/**
 * A home of its own for codex, and the environment that points there.
 *
 * The login is linked, not copied: codex exchanges its refresh token for a new one and the old one dies, so a copy that is refreshed
 * would log its user out. The configuration is copied, because codex writes trust decisions into it that are not the user's.
 * The user's personal AGENTS.md and skills stay out: what an agent is told comes from the repository.
 */
export async function prepareHome(options: HomeOptions): Promise<Record<string, string>> {
  const [home, codexHome, temp] = [join(options.stateDir, 'home'), join(options.stateDir, 'codex'), join(options.stateDir, 'tmp')]
  for (const folder of [home, codexHome, temp]) await makePrivateFolder(folder)
  const userHome = userCodexHome(options.userEnvironment)
  if (userHome !== null) {
    await replaceLink(join(userHome, 'auth.json'), join(codexHome, 'auth.json'))
    await placeConfiguration(join(userHome, 'config.toml'), join(codexHome, 'config.toml'))
  }
  // Not by the copy, in which a command could name any variable.
  const named = userHome === null ? [] : await namedKeys(join(userHome, 'config.toml'))
  const keys = pick(options.userEnvironment, [...vendorKeys, ...named])
  // Codex refuses to place its sandbox helper below TMPDIR, and then every command fails while the turn succeeds: the two are siblings.
  return { ...options.sessionEnvironment, ...keys, HOME: home, CODEX_HOME: codexHome, TMPDIR: temp, RUST_LOG: 'error' }
}

/** What a command left in its place goes, also where there is none to copy. */
async function placeConfiguration(from: string, to: string): Promise<void> {
  if (!(await copyIfPresent(from, to))) await atomicWrite(to, '', 0o600)
}

const vendorKeys = ['OPENAI_API_KEY', 'CODEX_API_KEY', 'CODEX_ACCESS_TOKEN']

export function userCodexHome(environment: Readonly<Record<string, string>>): string | null {
  const home = environment['HOME']
  return environment['CODEX_HOME'] ?? (home === undefined ? null : join(home, '.codex'))
}

/** Names of variables that a configuration takes its keys from. */
export async function namedKeys(configFile: string): Promise<string[]> {
  const config = await readFile(configFile, 'utf8').catch(() => '')
  const lines = config.split('\n').filter((line) => !line.trimStart().startsWith('#'))
  const names = lines.flatMap((line) => [...line.matchAll(/\b(?:env_key|bearer_token_env_var)\s*=\s*["'](\w+)["']/g)])
  return names.map((match) => match[1] ?? '')
}

function pick(environment: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])))
}
