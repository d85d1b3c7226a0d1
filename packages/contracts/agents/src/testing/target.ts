import type { Clock } from '@coxswain/kernel'
import type { AgentFailureKind } from '../failure.ts'
import type { AgentBackend, AgentSession } from '../session.ts'
import type { TokenUsage } from '../usage.ts'
import type { ConformanceCase } from './agent-conformance.ts'
import type { ConformanceFailure, ConformanceScenario } from './scenarios.ts'

/** One backend and all that the suite must know about it. */
export interface ConformanceTarget {
  readonly name: string
  /** A backend that finds its program and its user's login in this environment. */
  readonly createBackend: (environment: Readonly<Record<string, string>>) => AgentBackend
  /** URL of a module that exports the same function as `createBackend`: the client that gets killed imports it. */
  readonly backendModule: string
  readonly model: string | null
  readonly scenarioPrompt: (scenario: ConformanceScenario | `failure-${ConformanceFailure}`) => string
  readonly openWorld: () => Promise<ConformanceWorld>
  /** The usage of the scenario `edit`. */
  readonly editUsage: TokenUsage
  readonly sandbox: AgentSession['sandbox']
  /** The backend has no words of its own and counts no tokens. */
  readonly silent?: true
  /** What each failure of the model's service must become. A row that is left out needs a reason in `off`. */
  readonly failures: Partial<Readonly<Record<ConformanceFailure, AgentFailureKind>>>
  /** Cases that this backend cannot show, each with the reason; the suite's report names them. */
  readonly off: Partial<Readonly<Record<ConformanceCase | `failure-${ConformanceFailure}`, string>>>
  /** A backend whose program prints garbage around its protocol and leaves a child that ignores SIGTERM. */
  readonly createHostileBackend?: (world: ConformanceWorld) => Promise<AgentBackend>
}

/** The machine around a session, handed over by a room that may touch it. */
export interface ConformanceWorld {
  readonly worktree: string
  readonly stateDir: string
  /** As the user's shell would have it. */
  readonly environment: Readonly<Record<string, string>>
  /** What the caller of a session lets through to it. */
  readonly sessionEnvironment: Readonly<Record<string, string>>
  readonly clock: Clock
  /** Relative to the worktree; null when there is no such file. */
  readFile(path: string): Promise<string | null>
  /** Live processes that were started from inside this world's folders, whoever started them. */
  processes(): Promise<readonly number[]>
  /** kill -9 for all of them. */
  killProcesses(): Promise<void>
  /** Null when the agent asks no model. */
  readonly model: ConformanceModel | null
  startClient(request: ClientRequest): Promise<ConformanceClient>
  /** Stops whatever still runs and removes the folders. */
  dispose(): Promise<void>
}

export interface ConformanceModel {
  /** Every request of a scenario so far: the step it was answered with, and all text that it carried. */
  requests(scenario: string): readonly { readonly step: number; readonly text: string }[]
  /** Resolves as soon as this step of a scenario has been asked for. */
  waitForRequest(scenario: string, step: number): Promise<void>
  release(hold: string): void
  /** Nobody listens any more at the model's address. */
  disappear(): Promise<void>
  /** Requests that no scenario answers. */
  readonly misses: readonly string[]
}

export interface ClientRequest {
  readonly backendModule: string
  readonly sessionKey: string
  readonly turnKey: string
  readonly model: string | null
  readonly prompt: string
}

/** A process of its own that holds a session and waits for its turn. */
export interface ConformanceClient {
  /** Resolves as soon as the client has told an event of this type. */
  waitForEvent(type: string): Promise<void>
  /** Resolves as soon as the client has started anything in the session's state folder. */
  waitForProcess(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
}
