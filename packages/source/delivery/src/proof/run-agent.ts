import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readEnvironment, runCommand, scrubEnvironment } from '@coxswain/host'
import { seconds } from '@coxswain/kernel'
import { agentProgramFolder } from '@coxswain/testing'
import type { AgentName } from '../context/loading-rules.ts'

export interface AgentRun {
  readonly agent: AgentName
  readonly cwd: string
  /** An empty folder for everything the program keeps about its user. */
  readonly home: string
  readonly modelUrl: string
  readonly prompt: string
  /** Further options of the program. */
  readonly flags?: readonly string[]
}

export type ProvedAgent = 'codex' | 'claude' | 'gemini' | 'opencode'

interface Launch {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, string>>
}

/** Runs one headless turn of the real program against a scripted model, with nothing of this machine's user in reach. */
export async function runAgent(run: AgentRun & { readonly agent: ProvedAgent }): Promise<void> {
  const launch = launches[run.agent](run)
  for (const [path, text] of Object.entries(launch.files)) {
    await mkdir(join(run.home, path, '..'), { recursive: true })
    await writeFile(join(run.home, path), text)
  }
  await mkdir(join(run.home, 'tmp'), { recursive: true })
  const result = await runCommand({
    command: [join(agentProgramFolder(), run.agent), ...launch.args],
    cwd: run.cwd,
    env: { ...scrubEnvironment(readEnvironment()), HOME: run.home, TMPDIR: join(run.home, 'tmp'), ...launch.env },
    timeout: seconds(90),
  })
  if (result.exitCode !== 0)
    throw new Error(
      `${run.agent} ended with ${result.exitCode ?? result.signal}: ${result.stdout}\n${result.stderr}`.slice(0, 4_000),
    )
}

const launches: Readonly<Record<ProvedAgent, (run: AgentRun) => Launch>> = {
  codex: (run) => ({
    args: ['exec', '--skip-git-repo-check', ...(run.flags ?? []), run.prompt],
    env: { CODEX_HOME: join(run.home, 'codex'), MOCK_KEY: 'x' },
    files: {
      'codex/config.toml': `model = "gpt-5.5"
model_provider = "mock"
approval_policy = "never"
sandbox_mode = "workspace-write"
[analytics]
enabled = false
[model_providers.mock]
name = "Mock"
base_url = "${run.modelUrl}/v1"
wire_api = "responses"
env_key = "MOCK_KEY"
`,
    },
  }),
  claude: (run) => ({
    args: ['-p', run.prompt, '--permission-mode', 'bypassPermissions'],
    env: {
      CLAUDE_CONFIG_DIR: join(run.home, 'claude'),
      ANTHROPIC_BASE_URL: run.modelUrl,
      ANTHROPIC_API_KEY: 'x',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      CLAUDE_CODE_MAX_RETRIES: '1',
      IS_SANDBOX: '1',
    },
    files: {},
  }),
  gemini: (run) => ({
    args: ['-m', 'gemini-2.5-pro', '--yolo', '-p', run.prompt],
    env: { GEMINI_API_KEY: 'x', GOOGLE_GEMINI_BASE_URL: run.modelUrl, GEMINI_CLI_TRUST_WORKSPACE: 'true' },
    files: {
      '.gemini/settings.json': JSON.stringify({
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
      }),
    },
  }),
  opencode: (run) => ({
    args: ['run', run.prompt],
    env: {
      XDG_CONFIG_HOME: join(run.home, 'config'),
      XDG_DATA_HOME: join(run.home, 'data'),
      XDG_CACHE_HOME: join(run.home, 'cache'),
      XDG_STATE_HOME: join(run.home, 'state'),
      OPENCODE_CONFIG: join(run.home, 'opencode.json'),
    },
    files: {
      'opencode.json': JSON.stringify({
        model: 'mock/m',
        provider: {
          mock: { npm: '@ai-sdk/openai-compatible', options: { baseURL: `${run.modelUrl}/v1`, apiKey: 'x' }, models: { m: {} } },
        },
        autoupdate: false,
        permission: { '*': 'allow' },
      }),
    },
  }),
}
