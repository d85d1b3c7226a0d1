import type { AgentCapabilities } from '@coxswain/agents'
import { keepGeminiConversation } from './keep-gemini-conversation.ts'

/** What one program needs beyond the protocol. Measured on the versions named; facts, not preferences. */
export interface KnownAgent {
  readonly name: string
  /** Names of the program, or of its package in the path of a script. */
  readonly programs: readonly string[]
  /** Used when the command line has the program alone. */
  readonly defaultArguments: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  /** Files in its private home, by path. */
  readonly files: (environment: Readonly<Record<string, string>>) => Readonly<Record<string, string>>
  readonly login: {
    /** Variables of the user's that carry a login or where to reach the model; ending in `*`: a prefix. */
    readonly variables: readonly string[]
    /** Files below the user's home. `rotates`: refreshed tokens are written back. */
    readonly files: readonly { readonly path: string; readonly rotates: boolean }[]
  }
  /** Where the sandbox stands around it, it need not ask; where none does, it asks us and nobody else. */
  readonly mode: Readonly<Record<'contained' | 'none', string>> | null
  /** The same as flags, for a program that speaks of a change of mode as if it were the agent's words. */
  readonly modeFlags: Readonly<Record<'contained' | 'none', string>> | null
  readonly modelFlag: string | null
  /** What the usage of a prompt's answer counts. */
  readonly usage: 'turn' | 'last-call'
  /** What the standard's `max_tokens` tells. */
  readonly maxTokens: 'output-limit' | 'context-overflow'
  /** Called with its private home before a conversation is taken up again. */
  readonly beforeResume: ((home: string, resumeToken: string) => Promise<void>) | null
  readonly capabilities: Pick<AgentCapabilities, 'steer' | 'resume' | 'usage' | 'cost'>
  /** Talks to its model from the process that also runs the commands, so that the one cannot lose the network without the other. */
  readonly needsNetwork: boolean
}

const noFiles = (): Readonly<Record<string, string>> => ({})

const gemini: KnownAgent = {
  name: 'gemini',
  programs: ['gemini', 'gemini-cli'],
  defaultArguments: ['--acp', '--skip-trust'],
  variables: { GEMINI_TELEMETRY_ENABLED: 'false', GEMINI_CLI_NO_RELAUNCH: 'true' },
  files: (environment) => ({
    '.gemini/settings.json': JSON.stringify({
      security: { auth: { selectedType: geminiAuthType(environment) }, folderTrust: { enabled: false } },
      // Its ten silent attempts take minutes; when to try again is decided above all agents.
      general: { enableAutoUpdate: false, enableAutoUpdateNotification: false, maxAttempts: 2 },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
    }),
  }),
  login: {
    variables: ['GEMINI_*', 'GOOGLE_*'],
    files: [
      { path: '.gemini/oauth_creds.json', rotates: true },
      { path: '.gemini/google_accounts.json', rotates: false },
      { path: '.config/gcloud', rotates: false },
    ],
  },
  mode: null,
  modeFlags: { contained: '--approval-mode=yolo', none: '--approval-mode=auto_edit' },
  modelFlag: '--model',
  usage: 'turn',
  // It says so when what it is about to send would not fit, and nothing when an answer was cut.
  maxTokens: 'context-overflow',
  beforeResume: keepGeminiConversation,
  capabilities: { steer: false, resume: true, usage: 'total', cost: false },
  needsNetwork: true,
}

function geminiAuthType(environment: Readonly<Record<string, string>>): string {
  if (environment['GEMINI_API_KEY'] !== undefined) return 'gemini-api-key'
  return environment['GOOGLE_GENAI_USE_VERTEXAI'] === 'true' ? 'vertex-ai' : 'oauth-personal'
}

const opencode: KnownAgent = {
  name: 'opencode',
  programs: ['opencode', 'opencode-ai'],
  defaultArguments: ['acp'],
  variables: {
    OPENCODE_DISABLE_AUTOUPDATE: 'true',
    OPENCODE_DISABLE_LSP_DOWNLOAD: 'true',
    OPENCODE_DISABLE_DEFAULT_PLUGINS: 'true',
    OPENCODE_DISABLE_MODELS_FETCH: 'true',
  },
  files: noFiles,
  login: {
    variables: ['OPENCODE_*', 'OPENAI_*', 'ANTHROPIC_*', 'GEMINI_*', 'GOOGLE_*', 'OPENROUTER_*'],
    files: [
      { path: '.local/share/opencode/auth.json', rotates: true },
      // Not their folder: it installs packages there.
      { path: '.config/opencode/opencode.json', rotates: false },
      { path: '.config/opencode/opencode.jsonc', rotates: false },
    ],
  },
  mode: null,
  modeFlags: null,
  modelFlag: null,
  usage: 'last-call',
  maxTokens: 'output-limit',
  beforeResume: null,
  capabilities: { steer: false, resume: true, usage: 'by-class', cost: true },
  needsNetwork: true,
}

const codexAcp: KnownAgent = {
  name: 'codex-acp',
  programs: ['codex-acp'],
  defaultArguments: [],
  variables: { NO_BROWSER: '1' },
  files: noFiles,
  login: {
    variables: ['CODEX_*', 'OPENAI_*'],
    files: [
      { path: '.codex/auth.json', rotates: true },
      { path: '.codex/config.toml', rotates: false },
    ],
  },
  // Its default sends escalations to a review by a model of its own instead of asking us.
  mode: { contained: 'agent-full-access', none: 'workspace-write' },
  modeFlags: null,
  modelFlag: null,
  usage: 'turn',
  maxTokens: 'output-limit',
  beforeResume: null,
  capabilities: { steer: true, resume: true, usage: 'by-class', cost: false },
  needsNetwork: true,
}

const claudeAgentAcp: KnownAgent = {
  name: 'claude-agent-acp',
  programs: ['claude-agent-acp', 'claude-code-acp'],
  defaultArguments: [],
  // As root it refuses to start otherwise; the sandbox is ours.
  variables: { IS_SANDBOX: '1', DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
  files: noFiles,
  login: { variables: ['ANTHROPIC_*', 'CLAUDE_*'], files: [{ path: '.claude/.credentials.json', rotates: true }] },
  // Its default lets a classifier of its own decide.
  mode: { contained: 'bypassPermissions', none: 'default' },
  modeFlags: null,
  modelFlag: null,
  usage: 'turn',
  maxTokens: 'output-limit',
  beforeResume: null,
  capabilities: { steer: true, resume: true, usage: 'by-class', cost: true },
  needsNetwork: true,
}

/** A program that keeps to the protocol and to nothing else. */
const unknownAgent: KnownAgent = {
  name: 'acp',
  programs: [],
  defaultArguments: [],
  variables: {},
  files: noFiles,
  login: { variables: [], files: [] },
  mode: null,
  modeFlags: null,
  modelFlag: null,
  usage: 'turn',
  maxTokens: 'output-limit',
  beforeResume: null,
  capabilities: { steer: false, resume: true, usage: 'by-class', cost: true },
  needsNetwork: false,
}

const knownAgents: readonly KnownAgent[] = [gemini, opencode, codexAcp, claudeAgentAcp]

/** The program is told by its own name, or by a part of the script's path that an interpreter runs. */
export function recogniseAgent(command: readonly string[]): KnownAgent {
  const [program = '', script = ''] = command
  const isInterpreter = /^(?:node|nodejs|bun|deno|npx|bunx)$/.test(baseName(program))
  const names = isInterpreter ? script.split('/').map(withoutExtension) : [withoutExtension(baseName(program))]
  return knownAgents.find((agent) => agent.programs.some((name) => names.includes(name))) ?? unknownAgent
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function withoutExtension(name: string): string {
  return name.replace(/\.[cm]?[jt]s$/, '')
}
