/**
 * What an agent is made to do, by whatever stands behind it (a scripted model, a script of its own). The suite's expectations are
 * these words: `hello` is the only line of `greeting.txt` in a fresh worktree.
 */
export const conformanceScenarios = {
  edit: 'says `I change the greeting.`, replaces the line `hello` of greeting.txt by `hello from the agent`, says `Edited.`',
  command: 'runs `printf cox; exit 3` in the worktree, says `Ran.`',
  'second-turn': 'says `Second.`',
  hold: 'says `half ` and stops in the middle until `hold` is released, then says `done.`',
  steer: 'waits until `steer` is released, runs `true`, says `Steered.`',
  'approve-accept': 'asks to write `approved` to the file ../outside-accept.txt beside the worktree by a command, says `Asked.`',
  'approve-decline':
    'asks to write `declined` to the file ../outside-decline.txt beside the worktree by a command, says `Asked.`',
  'huge-line': 'runs a command that prints one line of 9,000,000 times `x`, says a text of 400,000 times `y`',
  'recovering-failure': 'fails once with a server error, then says `Recovered.`',
  silence: 'says `half ` and then nothing more, for ever',
} as const

export type ConformanceScenario = keyof typeof conformanceScenarios

/** Rows of the failure matrix: how the model's service fails in the scenario `failure-<row>`. */
export const conformanceFailures = [
  'unauthorized',
  'rate-limited',
  'usage-limit',
  'quota',
  'overloaded',
  'server-error',
  'bad-request',
  'model-not-found',
  'context-overflow',
  'output-limit',
  'refusal',
  'stream-cut',
  'disconnect',
  'garbage',
  'unreachable',
] as const

export type ConformanceFailure = (typeof conformanceFailures)[number]
