import { parseCommandLine, parseDuration, type Duration } from '@coxswain/kernel'
import { z } from 'zod'

/*
 * `harness/harness.yaml`. Every key has a default, so that an empty file works; unknown keys are errors.
 * Who reads the file, with line numbers and suggestions, is `steering`; here is only its shape.
 */

const DurationText = z
  .string({ error: 'a duration such as 90s, 10m or 1h30m' })
  .transform((text, context): Duration => reported(context, () => parseDuration(text)))

/** `[npm, test]` or `npm test`; never a shell string. */
const Command = z.union([
  z.array(z.string({ error: 'text' }), { error: 'a list of program and arguments' }).min(1),
  z
    .string({ error: 'one line of program and arguments' })
    .transform((text, context): string[] => reported(context, () => parseCommandLine(text))),
])

function reported<T>(context: z.RefinementCtx, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
    return z.NEVER
  }
}

/** On the person's machine; where it is missing it counts for nothing. */
const PersonsPath = z.string().regex(/^~?\//, 'a path that begins with / or ~/')

/** `none` leaves a loopback interface of its own. */
const Network = z.enum(['full', 'proxied', 'none'])

const CacheFolder = z
  .string()
  .transform((path) => path.replace(/^\.\/|\/+$/g, ''))
  .refine(
    (path) => path !== '' && !path.startsWith('/') && path.split('/').every((part) => !['', '.', '..', '.git'].includes(part)),
    'a folder below the top of the tree, such as node_modules/.cache',
  )

/** Ours never pass, whoever names them: the filter in `host` drops them, and here it is said. */
const VariableName = z
  .string({ error: 'the name of a variable' })
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable, not its value')
  .refine((name) => !/^(?:COXSWAIN_|PG[A-Z]|DBOS_)/.test(name), 'variables of Coxswain and of its database pass to nobody')

const Limit = z.union([z.number().positive(), z.null()])

const placeholders = ['title', 'text', 'task', 'run']

const MessageTemplate = z.string({ error: 'text' }).superRefine((template, context) => {
  const tell = (message: string): void => context.addIssue({ code: 'custom', message })
  if (template.split('\n')[0]?.trim() === '') tell('the first line is the subject of the commit: write something there')
  for (const [placeholder, name = ''] of template.matchAll(/\{([^{}\n]*)\}/g))
    if (!placeholders.includes(name)) tell(`there is no ${placeholder}: use {title}, {text}, {task} or {run}`)
})

export const AgentConfig = z.strictObject({
  /** Name on PATH or full path; null looks the backend's usual name up. */
  program: z.string().nullable().default(null),
  model: z.string().nullable().default(null),
  /** Names of environment variables that this agent may see, such as its API key. */
  env: z.array(VariableName).default([]),
})
export type AgentConfig = z.infer<typeof AgentConfig>

/**
 * What only a person may change, in every repository: the harness with its baseline and roles, CI, linter configuration, hooks, and
 * what decides which packages may be installed. What gates and set-up run is found per run. `protected` in `harness.yaml` adds to it; an
 * entry that begins with `!` takes out.
 */
const protectedByDefault: readonly string[] = [
  'harness/**',
  '.github/**',
  '.gitlab-ci.yml',
  '.{ci,circleci,buildkite,husky,githooks}/**',
  '**/CODEOWNERS',
  '**/{.oxlintrc.json,oxlint.config.*,eslint.config.*,.eslintrc*,biome.json*,.dependency-cruiser.*}',
  '{.npmrc,.yarnrc.yml,bunfig.toml,pnpm-workspace.yaml,renovate.json*}',
  '.{claude,codex,gemini}/{settings.json,config.toml,hooks.json}',
]

export const HarnessConfig = z.strictObject({
  version: z.literal(1).default(1),
  /** Where work lands; null is the branch that is checked out. */
  branch: z.string().nullable().default(null),
  agent: z.string().default('codex'),
  model: z.string().nullable().default(null),
  agents: z.record(z.string(), AgentConfig).default({}),
  setup: z
    .strictObject({
      command: Command,
      timeout: DurationText.default(parseDuration('15m')),
      /** Files and folders that the command reads: when one of them changed, it runs again. `.` is the whole tree. */
      keys: z.array(z.string()).default(['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'package.json']),
      network: Network.default('full'),
      /** Names of variables that set-up alone may see, such as a registry's token; not where a change alters what set-up reads. */
      credentials: z.array(VariableName).default([]),
    })
    .nullable()
    .default(null),
  gates: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "a gate's name is kebab-case"),
        command: Command,
        timeout: DurationText.default(parseDuration('10m')),
        /** `ignored`: it judges the change as such, so that without one it is red. */
        base: z.enum(['required', 'ignored']).default('required'),
        /** Sockets that it may connect to, such as Docker's; all others are closed. */
        sockets: z.array(PersonsPath).default([]),
        network: Network.default('none'),
      }),
    )
    .default([])
    .refine((gates) => new Set(gates.map((gate) => gate.name)).size === gates.length, 'two gates have the same name'),
  /** Folders that gates keep for later gates, such as a compiler's cache; below the top of the tree. */
  cache: z.array(CacheFolder).default([]),
  budget: z
    .strictObject({
      tokens: Limit.default(2_000_000),
      usd: Limit.default(null),
      time: DurationText.nullable().default(parseDuration('1h')),
    })
    .prefault({}),
  day: z.strictObject({ tokens: Limit.default(null), usd: Limit.default(null) }).prefault({}),
  /** US dollars for a million tokens, by model name: goes before the table of known prices. */
  prices: z
    .record(
      z.string(),
      z.strictObject({ input: z.number(), cachedInput: z.number(), cacheWrite: z.number(), output: z.number() }),
    )
    .default({}),
  limits: z
    .strictObject({
      gateRepairs: z.number().int().min(0).default(5),
      sameFailure: z.number().int().min(1).default(2),
      agentRetries: z.number().int().min(0).default(4),
      conflictRepairs: z.number().int().min(0).default(3),
      idle: DurationText.default(parseDuration('10m')),
    })
    .prefault({}),
  concurrency: z.number().int().min(1).max(64).default(2),
  protected: z
    .array(z.string())
    .default([])
    .transform((own): string[] => [...new Set([...protectedByDefault, ...own])]),
  landing: z
    .strictObject({
      policy: z.enum(['ask', 'auto']).default('ask'),
      /** In megabytes: a larger file stops for a person. */
      largestFile: Limit.default(10),
      /** Branches of landed runs go by themselves where this is false. */
      keepBranches: z.boolean().default(false),
      /** Of the commit that lands: the subject, and below it a body in the place of the task's text. Our trailers follow. */
      message: MessageTemplate.default('{title}'),
    })
    .prefault({}),
  /** `partial`: one is required, and Landlock is enough; `required`: it is not. */
  sandbox: z.enum(['auto', 'required', 'partial', 'off']).default('auto'),
  /** Of the person's home, beside tools and git's settings. */
  readable: z.array(PersonsPath).default([]),
  network: z.enum(['full', 'proxied', 'none']).default('full'),
})
export type HarnessConfig = z.infer<typeof HarnessConfig>
