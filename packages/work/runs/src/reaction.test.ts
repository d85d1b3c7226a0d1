import { agentFailureKinds, type AgentFailure } from '@coxswain/agents'
import { instant, seconds } from '@coxswain/kernel'
import { expect, test } from 'vitest'
import { reactTo, type Reaction } from './reaction.ts'

const failure = (kind: AgentFailure['kind'], changes: Partial<AgentFailure> = {}): AgentFailure => ({
  kind,
  message: 'in its own words',
  code: null,
  retryAfter: null,
  resetAt: null,
  ...changes,
})

const inWords = (reaction: Reaction): string =>
  reaction.kind === 'block'
    ? `block (${reaction.outcome})`
    : reaction.kind === 'wait'
      ? `wait ${reaction.untilMs}`
      : reaction.kind

test('each kind of failure has its reactions, in this order, and then a person is asked', () => {
  const rows = agentFailureKinds.map((kind) => {
    const reactions = [0, 1, 2, 3, 4].map((retries) => inWords(reactTo(failure(kind), { retries, limit: 4, nowMs: 0 })))
    return `${kind}: ${reactions.slice(0, reactions.findIndex((reaction) => reaction.startsWith('block')) + 1).join(', ')}`
  })
  expect(rows.join('\n')).toMatchInlineSnapshot(`
    "rate-limited: wait 2000, wait 4000, wait 8000, wait 16000, block (rate-limited)
    usage-limit: block (usage-limit)
    auth: block (auth)
    context-overflow: fresh, block (context-overflow)
    output-limit: continue, continue, block (agent-failed)
    turn-limit: continue, block (turn-limit)
    overloaded: wait 2000, wait 4000, wait 8000, wait 16000, block (unreachable)
    unreachable: wait 2000, wait 4000, wait 8000, wait 16000, block (unreachable)
    stream-cut: wait 2000, wait 4000, wait 8000, wait 16000, block (unreachable)
    stalled: continue, block (stalled)
    refused: block (refused)
    invalid-request: block (agent-failed)
    crashed: continue, continue, block (crashed)
    protocol: continue, block (crashed)
    not-installed: block (agent-unavailable)
    incompatible: block (agent-unavailable)"
  `)
})

test('each block says what failed and what to do', () => {
  const reasons = agentFailureKinds.map((kind) => {
    const reaction = reactTo(failure(kind), { retries: 9, limit: 4, nowMs: 0 })
    return reaction.kind === 'block' ? reaction.reason : reaction.kind
  })
  expect(reasons.join('\n')).toMatchInlineSnapshot(`
    "The agent failed (rate-limited): in its own words. Resume later, or lower \`concurrency\`.
    The agent failed (usage-limit): in its own words. Resume when the plan has room again, or choose another agent.
    The agent failed (auth): in its own words. Log in to the agent program, or let its key through with \`agents.<name>.env\`; then resume.
    The agent failed (context-overflow): in its own words. Split the task, or name its package.
    The agent failed (output-limit): in its own words. Split the task.
    The agent failed (turn-limit): in its own words. What it did so far is on the run's branch. Should it go on? Give it another turn with \`cox resume\`, say what to do with \`cox say\`, or split the task.
    The agent failed (overloaded): in its own words. Resume when the vendor has recovered.
    The agent failed (unreachable): in its own words. Check the network and the agent's base URL, then resume.
    The agent failed (stream-cut): in its own words. Check the network, then resume.
    The agent failed (stalled): in its own words. Look at \`cox logs\`, then resume or rework.
    The agent failed (refused): in its own words. Reword the task with \`cox rework --reason\`.
    The agent failed (invalid-request): in its own words. Check the model's name and the agent's settings; then resume.
    The agent failed (crashed): in its own words. Look at \`cox logs\` and \`cox doctor\`, then resume.
    The agent failed (protocol): in its own words. Check the agent's version with \`cox doctor\`.
    The agent failed (not-installed): in its own words. Run \`cox doctor\`; then resume.
    The agent failed (incompatible): in its own words. Run \`cox doctor\`; then resume."
  `)
})

test('a limit that names its reset is waited for, also one of a plan', () => {
  const past = { retries: 0, limit: 4, nowMs: 1_000 }
  expect(reactTo(failure('usage-limit', { resetAt: instant(90_000) }), past)).toEqual({ kind: 'wait', untilMs: 90_000 })
  expect(reactTo(failure('rate-limited', { retryAfter: seconds(7) }), past)).toEqual({ kind: 'wait', untilMs: 8_000 })
})

test('a configured limit of none asks at once', () => {
  for (const kind of agentFailureKinds) expect(reactTo(failure(kind), { retries: 0, limit: 0, nowMs: 0 }).kind).toBe('block')
})
