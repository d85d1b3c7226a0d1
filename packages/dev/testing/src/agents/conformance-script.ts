import type { ConformanceFailure, ConformanceScenario } from '@coxswain/agents/testing'
import type { ModelScript, ModelStep, ModelTool, ModelUsage } from '../model-server/script.ts'

/** The scenarios of the conformance suite as a model's answers. */
export const conformanceScript: ModelScript = { ...scenarioSteps(), ...failureSteps() }

/** What the scenario `edit` uses up in its two answers together. */
export const editUsage: ModelUsage = { input: 160, cachedInput: 40, cacheWrite: 0, output: 30, reasoning: 5 }

function scenarioSteps(): Record<ConformanceScenario, readonly ModelStep[]> {
  return {
    edit: [
      {
        text: 'I change the greeting.',
        tools: [{ kind: 'edit', path: 'greeting.txt', old: 'hello', new: 'hello from the agent' }],
        usage: { input: 60, cachedInput: 40, output: 20, reasoning: 5 },
        rateLimit: { usedPercent: 42, windowMinutes: 300, resetAt: 4_102_444_800 },
      },
      { text: 'Edited.' },
    ],
    command: [{ tools: [command('printf cox; exit 3')] }, { text: 'Ran.' }],
    'second-turn': [{ text: 'Second.', usage: { input: 7, output: 3 } }],
    hold: [{ text: 'half done.', holdMiddle: 'hold' }],
    steer: [{ tools: [command('true')], hold: 'steer' }, { text: 'Steered.' }],
    'approve-accept': [{ tools: [writeOutside('approved', 'accept')] }, { text: 'Asked.' }],
    'approve-decline': [{ tools: [writeOutside('declined', 'decline')] }, { text: 'Asked.' }],
    'huge-line': [{ tools: [command("head -c 9000000 /dev/zero | tr '\\0' x")] }, { text: 'y'.repeat(400_000) }],
    'recovering-failure': [{ text: 'Recovered.', failure: 'server-error', failTimes: 1 }],
    silence: [{ text: 'half a word', failure: 'stall' }],
  }
}

function failureSteps(): Record<`failure-${ConformanceFailure}`, readonly ModelStep[]> {
  return {
    'failure-unauthorized': [{ failure: 'unauthorized' }],
    'failure-rate-limited': [{ failure: 'rate-limited' }],
    'failure-usage-limit': [{ failure: 'usage-limit' }],
    'failure-quota': [{ failure: 'quota' }],
    'failure-overloaded': [{ failure: 'overloaded' }],
    'failure-server-error': [{ failure: 'server-error' }],
    'failure-bad-request': [{ failure: 'bad-request' }],
    'failure-model-not-found': [{ failure: 'model-not-found' }],
    'failure-context-overflow': [{ failure: 'context-overflow' }],
    'failure-output-limit': [{ failure: 'output-limit' }],
    'failure-refusal': [{ failure: 'refusal' }],
    'failure-stream-cut': [{ failure: 'stream-cut' }],
    'failure-disconnect': [{ failure: 'disconnect' }],
    'failure-garbage': [{ failure: 'garbage' }],
    'failure-unreachable': [{ text: 'Nobody hears this.' }],
  }
}

function command(text: string): ModelTool {
  return { kind: 'command', command: text }
}

function writeOutside(word: string, name: string): ModelTool {
  return { kind: 'command', command: `printf ${word} > ../outside-${name}.txt`, escalate: true }
}
