import { join } from 'node:path'
import type { AgentIntroduction, ProbeTrial } from '@coxswain/agents'
import { makePrivateFolder, systemClock } from '@coxswain/host'
import { openRpcPeer, supervise } from '@coxswain/json-lines'
import { seconds } from '@coxswain/kernel'
import { explainStart, startFailed, type AcpProgram } from './explain-start.ts'
import { initialize } from './handshake.ts'
import { launchAgent, type LaunchedAgent } from './launch-agent.ts'
import type { InitializeAnswer } from './wire.ts'

/** A program that says nothing for so long would keep a person waiting who only asks. */
const silenceLimit = seconds(30)

/** Starts the program as a run would, asks who it is and nothing else, and stops it. @throws CoxError AGENT_NOT_INSTALLED, AGENT_INCOMPATIBLE, AGENT_START_FAILED */
export async function meetAgent(
  acp: AcpProgram,
  { trial, signal }: { readonly trial: ProbeTrial; readonly signal: AbortSignal },
): Promise<AgentIntroduction> {
  const { environment, cwd, folder } = trial
  const [stateDir, worktree] = [join(folder, 'state'), join(folder, 'worktree')]
  for (const own of [stateDir, worktree]) await makePrivateFolder(own)
  const options = { key: 'probe', stateDir, worktree, environment, model: null, resumeToken: null, network: 'full' } as const
  const launched = await launchAgent({ ...acp, cwd, options })
  try {
    return introductionOf(await awaitAnswer(acp, launched, signal))
  } catch (error) {
    throw await explainStart(acp, launched, error)
  } finally {
    await launched.process.stop({ grace: seconds(2) })
  }
}

async function awaitAnswer(acp: AcpProgram, { process }: LaunchedAgent, signal: AbortSignal): Promise<InitializeAnswer> {
  const reading = new AbortController()
  const peer = openRpcPeer({
    process,
    versioned: true,
    signal: reading.signal,
    onNotification: () => {},
    onRequest: async () => null,
  })
  try {
    const done = initialize(peer)
    done.catch(() => {})
    const outcome = await supervise({
      done,
      ended: peer.ended,
      activity: () => peer.messageCount(),
      isWaitingForUs: () => false,
      idleLimit: silenceLimit,
      clock: systemClock,
      signal,
    })
    if (outcome.kind === 'done') return outcome.value
    throw startFailed(acp, outcome.kind === 'ended' ? 'it ended at once' : 'it does not answer')
  } finally {
    reading.abort()
  }
}

function introductionOf({ agentInfo, authMethods }: InitializeAnswer): AgentIntroduction {
  return {
    name: agentInfo?.name ?? null,
    version: agentInfo?.version ?? null,
    logins: (authMethods ?? []).map(({ id, name }) => name ?? id),
  }
}
