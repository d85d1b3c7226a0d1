import { join } from 'node:path'
import { atomicWrite, copyIfPresent, findProgram, makePrivateFolder, readRegular } from '@coxswain/host'
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
    const settings = readLoginSettings(join(userDir, 'settings.json'))
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
 * on expiry Claude exchanges the refresh token for a new one and the old one dies, which would log the user out. Commands can write the session's
 * file, too: of it come back the tokens of a login that the user has, and nothing else.
 */
export async function keepNewerCredentials(userDir: string, configDir: string): Promise<void> {
  const [user, own] = [join(userDir, credentialsFile), join(configDir, credentialsFile)]
  const [users, owns] = [readCredentials(user), readCredentials(own)]
  if (users === null) return
  const [userExpiry, ownExpiry] = [expiryOf(users), owns === null ? -1 : expiryOf(owns)]
  if (userExpiry > ownExpiry) await copyIfPresent(user, own)
  const renewed = renewedTokens.safeParse(owns?.claudeAiOauth)
  if (userExpiry >= ownExpiry || !renewed.success) return
  const login = { ...users, claudeAiOauth: { ...users.claudeAiOauth, ...renewed.data } }
  await atomicWrite(user, JSON.stringify(login), 0o600)
}

const credentialsSchema = z.looseObject({ claudeAiOauth: z.looseObject({ expiresAt: z.number().nullish() }).nullish() })
type Credentials = z.infer<typeof credentialsSchema>

const token = z
  .string()
  .regex(/^[\x21-\x7e]{1,4096}$/)
  .exactOptional()
const renewedTokens = z.object({ accessToken: token, refreshToken: token, expiresAt: z.number() })

function readCredentials(file: string): Credentials | null {
  const parsed = credentialsSchema.safeParse(readJson(file))
  return parsed.success ? parsed.data : null
}

function expiryOf({ claudeAiOauth }: Credentials): number {
  return claudeAiOauth?.expiresAt ?? 0
}

const settingsSchema = z.looseObject({})
const loginSettings = ['apiKeyHelper', 'env', 'awsAuthRefresh', 'awsCredentialExport', 'forceLoginMethod', 'forceLoginOrgUUID']

function readLoginSettings(file: string): Record<string, unknown> {
  const parsed = settingsSchema.safeParse(readJson(file))
  return parsed.success ? Object.fromEntries(Object.entries(parsed.data).filter(([name]) => loginSettings.includes(name))) : {}
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readRegular(file, mostBytes) ?? 'null')
  } catch {
    // Written by somebody at this moment: as good as missing.
    return null
  }
}

const mostBytes = 1_000_000
