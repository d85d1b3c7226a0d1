import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { atomicWrite, copyIfPresent, findProgram, makePrivateFolder } from '@coxswain/host'
import { z } from 'zod'

export interface HomeOptions {
  readonly stateDir: string
  /** The user's own environment: where the login is, and the keys. */
  readonly userEnvironment: Readonly<Record<string, string>>
  readonly sessionEnvironment: Readonly<Record<string, string>>
}

export interface ClaudeHome {
  readonly env: Readonly<Record<string, string>>
  /** Folders that Claude writes. */
  readonly folders: readonly string[]
  readonly configDir: string
}

/**
 * A home of its own for Claude. Of the user's configuration comes in what a login needs: the credentials, and of the settings the helper
 * that makes keys and the variables. Hooks, permissions, memories and skills stay out: what an agent is told comes from the repository.
 */
export async function prepareHome(options: HomeOptions): Promise<ClaudeHome> {
  const { stateDir, userEnvironment } = options
  const [home, configDir, temp] = [join(stateDir, 'home'), join(stateDir, 'claude'), join(stateDir, 'tmp')]
  const folders = [home, configDir, temp]
  for (const folder of folders) await makePrivateFolder(folder)
  const userDir = userConfigDir(userEnvironment)
  if (userDir !== null) {
    await keepNewerCredentials(userDir, configDir)
    const settings = await readLoginSettings(join(userDir, 'settings.json'))
    await atomicWrite(join(configDir, 'settings.json'), JSON.stringify(settings), 0o600)
  }
  const vendor = vendorVariables(userEnvironment)
  const env = {
    ...options.sessionEnvironment,
    ...quiet,
    ...vendor,
    ...(await shellWithoutKeys(options, {
      configDir,
      keys: Object.keys(vendor).filter((name) => /KEY|TOKEN|SECRET|HEADERS/.test(name)),
    })),
    HOME: home,
    CLAUDE_CONFIG_DIR: configDir,
    TMPDIR: temp,
    CLAUDE_CODE_TMPDIR: temp,
  }
  return { env, folders, configDir }
}

/** No traffic but to the model, no updates, and no work that goes on when a turn has ended. */
const quiet = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
  CLAUDE_CODE_DISABLE_CRON: '1',
  // The harness waits and retries by its own policy; more tries inside only hide the reason.
  CLAUDE_CODE_MAX_RETRIES: '4',
}

function vendorVariables(environment: Readonly<Record<string, string>>): Record<string, string> {
  const isCloud = ['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'].some(
    (name) => name in environment,
  )
  const own =
    /^(?:ANTHROPIC_|CLAUDE_CODE_(?:OAUTH_TOKEN|USE_|SKIP_|MAX_RETRIES|MAX_OUTPUT_TOKENS|SUBAGENT_MODEL)|API_TIMEOUT_MS$)/
  const cloud = /^(?:AWS_|GOOGLE_|CLOUD_ML_REGION$|VERTEX_|AZURE_)/
  return Object.fromEntries(Object.entries(environment).filter(([name]) => own.test(name) || (isCloud && cloud.test(name))))
}

interface ShellOptions {
  readonly configDir: string
  readonly keys: readonly string[]
}

/**
 * Commands of the model have no business with the keys that Claude itself needs: they run behind a script that takes the keys away. This
 * keeps keys out of logs and careless programs; a command that means harm can still read them from the memory of its parent.
 */
async function shellWithoutKeys(
  { sessionEnvironment }: HomeOptions,
  { configDir, keys }: ShellOptions,
): Promise<Record<string, string>> {
  const bash = await findProgram('bash', sessionEnvironment)
  if (bash === null || keys.length === 0) return {}
  const script = join(configDir, 'without-keys.sh')
  await atomicWrite(script, `#!/bin/sh\nunset ${keys.join(' ')}\nexec bash -c "$1"\n`, 0o700)
  return { CLAUDE_CODE_SHELL: bash, CLAUDE_CODE_SHELL_PREFIX: script }
}

export function userConfigDir(environment: Readonly<Record<string, string>>): string | null {
  const home = environment['HOME']
  return environment['CLAUDE_CONFIG_DIR'] ?? (home === undefined ? null : join(home, '.claude'))
}

export const credentialsFile = '.credentials.json'

/**
 * Copies the login to where it is older. It cannot be linked as a sandbox shows the user's home read-only, and it cannot stay a copy:
 * on expiry Claude exchanges the refresh token for a new one and the old one dies, which would log the user out.
 */
export async function keepNewerCredentials(userDir: string, configDir: string): Promise<void> {
  const [user, own] = [join(userDir, credentialsFile), join(configDir, credentialsFile)]
  const [userExpiry, ownExpiry] = [await expiryOf(user), await expiryOf(own)]
  if (userExpiry !== null && (ownExpiry === null || userExpiry > ownExpiry)) await copyIfPresent(user, own)
  else if (userExpiry !== null && ownExpiry !== null && ownExpiry > userExpiry)
    await atomicWrite(user, await readFile(own), 0o600)
}

const credentialsSchema = z.looseObject({ claudeAiOauth: z.looseObject({ expiresAt: z.number().nullish() }).nullish() })

async function expiryOf(file: string): Promise<number | null> {
  const parsed = credentialsSchema.safeParse(await readJson(file))
  return parsed.success ? (parsed.data.claudeAiOauth?.expiresAt ?? 0) : null
}

const settingsSchema = z.looseObject({})
const loginSettings = ['apiKeyHelper', 'env', 'awsAuthRefresh', 'awsCredentialExport', 'forceLoginMethod', 'forceLoginOrgUUID']

async function readLoginSettings(file: string): Promise<Record<string, unknown>> {
  const parsed = settingsSchema.safeParse(await readJson(file))
  return parsed.success ? Object.fromEntries(Object.entries(parsed.data).filter(([name]) => loginSettings.includes(name))) : {}
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    // Missing, or written by somebody at this moment: as good as missing.
    return null
  }
}
