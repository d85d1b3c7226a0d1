import type { TokenUsage } from '@coxswain/agents'
import type { CodexTokens } from './wire.ts'

/** Codex counts per thread; the total before a turn is what its first report leaves when its own last call is taken away. */
export function usageSince(before: CodexTokens, total: CodexTokens): TokenUsage {
  const cached = total.cachedInputTokens - before.cachedInputTokens
  const written = total.cacheWriteInputTokens - before.cacheWriteInputTokens
  return {
    input: Math.max(0, total.inputTokens - before.inputTokens - cached - written),
    cachedInput: cached,
    cacheWrite: written,
    output: total.outputTokens - before.outputTokens,
    reasoning: total.reasoningOutputTokens - before.reasoningOutputTokens,
  }
}

export function tokensBefore(total: CodexTokens, last: CodexTokens): CodexTokens {
  return {
    totalTokens: total.totalTokens - last.totalTokens,
    inputTokens: total.inputTokens - last.inputTokens,
    cachedInputTokens: total.cachedInputTokens - last.cachedInputTokens,
    cacheWriteInputTokens: total.cacheWriteInputTokens - last.cacheWriteInputTokens,
    outputTokens: total.outputTokens - last.outputTokens,
    reasoningOutputTokens: total.reasoningOutputTokens - last.reasoningOutputTokens,
  }
}
