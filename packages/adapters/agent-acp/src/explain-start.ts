import { CoxError, errorMessage, isCoxError, redact } from '@coxswain/kernel'
import type { KnownAgent } from './known-agents.ts'
import type { LaunchedAgent } from './launch-agent.ts'
import { failureOfError } from './turn-result.ts'

/** A command line, and what is known of the program in it. */
export interface AcpProgram {
  readonly agent: KnownAgent
  readonly command: readonly string[]
  /** The user's. */
  readonly environment: Readonly<Record<string, string>>
  /** `none`: not even where bubblewrap works. */
  readonly sandbox: 'auto' | 'none'
  /** What it may read beside its own. */
  readonly readable: readonly string[]
}

/** With the program's own last words, because they say more than that it ended. */
export async function explainStart(acp: AcpProgram, launched: LaunchedAgent, error: unknown): Promise<unknown> {
  if (!isCoxError(error) || error.code === 'AGENT_INCOMPATIBLE' || error.code === 'AGENT_RESUME_FAILED') return error
  const tail = (await launched.process.stderrTail(2_000)).trim()
  const words = isCoxError(error, 'RPC_ERROR') ? errorMessage(error) : (ownWords(error) ?? 'it ended without an answer')
  return startFailed(acp, redact(tail === '' ? words : `${words}\n${tail}`), error)
}

/** An AGENT_START_FAILED, with the next step that its cause asks for. */
export function startFailed({ agent, command }: AcpProgram, why: string, cause?: unknown): CoxError {
  const failure = isCoxError(cause, 'RPC_ERROR') ? failureOfError(cause) : null
  return new CoxError('AGENT_START_FAILED', `The agent \`${command.join(' ')}\` did not start: ${why}`, {
    hint:
      failure?.kind === 'auth'
        ? `Log in to ${agent.name} by hand first, then try again.`
        : 'Run the command by hand and read what it says.',
    data: { failure, why },
    cause,
  })
}

/** Of a failure that was told by us already. */
function ownWords(error: CoxError): string | null {
  const why = isCoxError(error, 'AGENT_START_FAILED') ? error.data['why'] : null
  return typeof why === 'string' ? why : null
}
