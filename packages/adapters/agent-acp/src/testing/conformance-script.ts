import type { ConformanceFailure, ConformanceScenario } from '@coxswain/agents/testing'
import type { Action, Script } from '@coxswain/scripted-agent'

/** The scenarios of the suite for the scripted agent. Where a model would be asked stands a `mark`. */
export const conformanceScript: Script = { ...scenarioTurns(), ...failureTurns() }

/** The same agent with bad manners: noise on stdout, deaf to SIGTERM, and a child that stays. */
export const hostileScript: Script = {
  edit: [
    [
      { do: 'ignore-terminate' },
      { do: 'linger' },
      { do: 'garbage', text: 'npm warn deprecated' },
      { do: 'garbage', text: '{"half": ' },
      ...scenarioTurns().edit.flat(),
      { do: 'garbage', bytes: 10_000_000 },
      { do: 'garbage', text: '[1, 2, 3]' },
    ],
  ],
}

function scenarioTurns(): Record<ConformanceScenario, readonly [readonly Action[]]> {
  return {
    edit: [
      [
        { do: 'mark' },
        { do: 'say', text: 'I change the greeting.' },
        { do: 'replace', path: 'greeting.txt', old: 'hello', new: 'hello from the agent' },
        { do: 'mark' },
        { do: 'say', text: 'Edited.' },
        { do: 'usage', input: 160, cachedInput: 40, output: 30, reasoning: 5, costUsd: 0.25 },
      ],
    ],
    command: [
      [
        { do: 'run', command: ['sh', '-c', 'printf cox; exit 3'] },
        { do: 'say', text: 'Ran.' },
      ],
    ],
    'second-turn': [[{ do: 'mark' }, { do: 'say', text: 'Second.' }, { do: 'usage', input: 7, output: 3 }]],
    hold: [[{ do: 'mark' }, { do: 'say', text: 'half ' }, { do: 'wait', for: 'hold' }, { do: 'say', text: 'done.' }]],
    steer: [
      [
        { do: 'mark' },
        { do: 'wait', for: 'steer' },
        { do: 'run', command: ['true'] },
        { do: 'mark' },
        { do: 'say', text: 'Steered.' },
      ],
    ],
    'approve-accept': [[writeOutside('approved', 'accept'), { do: 'say', text: 'Asked.' }]],
    'approve-decline': [[writeOutside('declined', 'decline'), { do: 'say', text: 'Asked.' }]],
    'huge-line': [
      [
        { do: 'run', command: ['sh', '-c', "head -c 9000000 /dev/zero | tr '\\0' x"] },
        { do: 'say', text: 'y'.repeat(400_000) },
      ],
    ],
    // The protocol has no word for a retry: an agent that recovers says nothing of it.
    'recovering-failure': [[{ do: 'say', text: 'Recovered.' }]],
    silence: [[{ do: 'say', text: 'half ' }, { do: 'silence' }]],
  }
}

/** Beside the worktree nothing can be written in a sandbox; the agent's own home is outside, too. */
function writeOutside(word: string, name: string): Action {
  const command = `printf ${word} > "$HOME/outside-${name}.txt"`
  return { do: 'ask', title: 'Write outside of the worktree', command: ['sh', '-c', command] }
}

/** As different programs show them: HTTP status in place of the code, a word in the data, or the provider's text alone. */
function failureTurns(): Record<`failure-${ConformanceFailure}`, readonly [readonly Action[]]> {
  return {
    'failure-unauthorized': fail(401, '{"error":{"message":"nope"}}'),
    'failure-rate-limited': fail(-32_603, 'Internal error', { errorKind: 'rate_limit' }),
    'failure-usage-limit': fail(429, 'You exceeded your current quota, please check your plan and billing details.'),
    'failure-quota': fail(-32_603, 'Internal error', { errorKind: 'billing_error' }),
    'failure-overloaded': fail(529, 'Overloaded'),
    'failure-server-error': fail(-32_603, 'Internal error', {
      errorName: 'APIError',
      message: 'Internal server error',
      statusCode: 500,
    }),
    'failure-bad-request': fail(400, '{"error":{"code":400,"status":"INVALID_ARGUMENT"}}'),
    'failure-model-not-found': fail(-32_603, 'The model gpt-9 does not exist'),
    'failure-context-overflow': fail(400, 'prompt is too long: 210000 tokens > 200000 maximum'),
    'failure-output-limit': [[{ do: 'stop', reason: 'max_tokens' }]],
    'failure-refusal': [
      [
        { do: 'say', text: 'No.' },
        { do: 'stop', reason: 'refusal' },
      ],
    ],
    'failure-stream-cut': fail(-32_603, 'stream disconnected before completion'),
    'failure-disconnect': fail(-32_603, 'TypeError: terminated', { cause: 'ECONNRESET' }),
    'failure-garbage': fail(-32_603, 'something went wrong'),
    'failure-unreachable': fail(-32_603, 'fetch failed', { details: 'connect ECONNREFUSED 127.0.0.1:9' }),
  }
}

function fail(code: number, message: string, data?: unknown): readonly [readonly Action[]] {
  return [[{ do: 'fail', code, message, data }]]
}
