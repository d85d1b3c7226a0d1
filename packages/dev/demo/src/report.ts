import process from 'node:process'
import { formatDuration, minutes } from '@coxswain/kernel'
import { readEnvironment, runCommand } from '@coxswain/host'
import { findSandbox } from '@coxswain/sandbox'
import type { Run } from '@coxswain/model'
import type { Stage } from './stage.ts'

export interface DemoResult {
  readonly tasks: { readonly total: number; readonly landed: number; readonly blocked: number; readonly stopped: number }
  readonly main: { readonly green: boolean; readonly commits: number }
  readonly tokens: { readonly input: number; readonly output: number }
  readonly wallMs: number
  readonly runs: readonly {
    readonly id: string
    readonly task: string
    readonly agent: string
    readonly state: string
    readonly outcome: string | null
    readonly turns: number
    readonly gateFailures: number
    readonly tokens: number
  }[]
  /** The story went as it is told in the README. */
  readonly isAsExpected: boolean
  /** What stopped the story; null when nothing did. */
  readonly error: string | null
}

export async function printOpening({ say }: Stage): Promise<void> {
  say('Coxswain demo: nine tasks on a small pnpm workspace.')
  say(
    "The agents are real programs speaking the Agent Client Protocol, but the model's answers are scripted: no tokens are spent.",
  )
  const sandbox = await findSandbox(readEnvironment())
  say(sandbox.kind === 'none' ? `Not contained here: ${sandbox.reason}.` : `Agents and gates are contained by ${sandbox.kind}.`)
  say(
    'With your own agent, in your own repository: cox init, then cox run "…" --agent codex (or claude, or "acp:<command line>").\n',
  )
}

/** Reads the outcome from the daemon and from git; the branch is green when the gate passes on its last commit. */
export async function describeRuns(stage: Stage): Promise<Omit<DemoResult, 'wallMs' | 'error'>> {
  const { runs } = await (await stage.client()).listRuns()
  const count = (state: Run['state']): number => runs.filter((run) => run.state === state).length
  const green = await runCommand({ command: ['npm', 'test'], cwd: stage.repository, env: readEnvironment(), timeout: minutes(2) })
  const commits = Number(await stage.git.run(['rev-list', '--count', 'main']))
  const tasks = { total: runs.length, landed: count('landed'), blocked: count('blocked'), stopped: count('stopped') }
  const main = { green: green.exitCode === 0, commits }
  return {
    tasks,
    main,
    tokens: {
      input: sum(runs, (run) => run.tokens.input + run.tokens.cachedInput + run.tokens.cacheWrite),
      output: sum(runs, (run) => run.tokens.output),
    },
    runs: runs.map(({ id, task, agent, state, outcome, turns, gateFailures, tokens }) => ({
      id,
      task,
      agent: agent.startsWith('acp:') ? 'acp (scripted)' : agent,
      state,
      outcome,
      turns,
      gateFailures,
      tokens: tokens.input + tokens.cachedInput + tokens.cacheWrite + tokens.output,
    })),
    isAsExpected: main.green && tasks.landed === 7 && tasks.blocked === 1 && tasks.stopped === 1,
  }
}

export function printClosing({ say, repository }: Stage, result: DemoResult, keep: boolean): void {
  say('\nrun  task  agent           outcome           turns  gate failures  tokens')
  for (const run of result.runs) {
    say(
      [
        run.id.padEnd(4),
        run.task.padEnd(5),
        run.agent.padEnd(15),
        (run.outcome ?? run.state).padEnd(17),
        String(run.turns).padStart(5),
        String(run.gateFailures).padStart(14),
        String(run.tokens).padStart(7),
      ].join(' '),
    )
  }
  const { tasks, main } = result
  say(
    `\n${tasks.landed} of ${tasks.total} landed, ${tasks.blocked} blocked with a question, ${tasks.stopped} stopped by its budget; main is ${main.green ? 'green' : 'RED'} after ${main.commits} commits; ${formatDuration(result.wallMs)}.`,
  )
  if (!result.isAsExpected) say('This is not how the demo is meant to end.')
  if (keep) say(`Kept: ${repository}`)
  else if (process.stdout.isTTY) say('Look at the repository yourself: npm run demo -- --keep')
}

function sum(runs: readonly Run[], of: (run: Run) => number): number {
  return runs.reduce((total, run) => total + of(run), 0)
}
