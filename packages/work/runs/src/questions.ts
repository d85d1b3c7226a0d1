import type { GateResult } from '@coxswain/model'

/** What a person must answer, with what they need to answer it. */
export function questionAfterFailures(result: GateResult, times: number, repairs: number): string {
  const count =
    times === 1 && repairs === 1
      ? 'failed'
      : times > 1
        ? `failed ${times} times in a row with the same output`
        : `still fails after ${repairs} repairs`
  return `The gate "${result.gate}" ${count}:\n${lastLines(result.excerpt, 6)}\nIs the task's premise right, and what should the agent do differently? Answer with \`cox say\`, or start over with \`cox rework\`.`
}

export function questionAfterNoChange(message: string): string {
  const words = message.trim() === '' ? 'It said nothing.' : `Its last words: "${lastLines(message, 6)}"`
  return `The agent ended its turn without changing a file. ${words}\nWhat should it do? Answer with \`cox say\`.`
}

function lastLines(text: string, count: number): string {
  return text.trim().split('\n').slice(-count).join('\n').slice(-800)
}
