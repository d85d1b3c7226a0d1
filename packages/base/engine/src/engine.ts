import type { Clock, Duration, Logger } from '@coxswain/kernel'

export interface EngineOptions {
  readonly url: string
  /** Workflow ids are unique within a repository. */
  readonly repository: string
  /** Names this worker among all of this repository; the same again after a restart. */
  readonly worker: string
  /** Constant as long as old workflows may be unfinished: workflows of another version are not run. Changes of a body are made with `patched`. */
  readonly version: string
  readonly clock: Clock
  readonly logger: Logger
  /** How long `launch` waits for a database that does not answer. Default 60 s. */
  readonly patience?: Duration
}

/** What a workflow's body may use. Between steps a body must be deterministic: after a restart it runs again from its start, with the results of finished steps. */
export interface WorkflowContext {
  readonly id: string
  /**
   * Runs once and records its result, which must be JSON; a step that was in flight when its process died runs again. What it throws is recorded too, and thrown again here.
   * One that throws CoxError WORKFLOW_TAKEN records nothing and leaves the workflow to the worker that has the right to it.
   * The signal aborts with CoxError ENGINE_STOPPED (it runs again at the next launch), WORKFLOW_CANCELLED or WORKFLOW_TAKEN.
   */
  step<T>(name: string, run: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Runs again whenever the body comes here, and records nothing: for what has no result and is harmless to repeat. The signal is a step's. */
  repeat(run: (signal: AbortSignal) => Promise<void>): Promise<void>
  /** Waits so long since it was first reached, whatever happens to the process meanwhile. */
  sleep(duration: Duration): Promise<void>
  /** True in workflows that reach this point for the first time with the new code; false in those that passed it with the old one. */
  patched(name: string): Promise<boolean>
}

export type WorkflowBody<I, O> = (context: WorkflowContext, input: I) => Promise<O>

export type WorkflowStatus = 'running' | 'done' | 'failed' | 'cancelled' | 'unknown'

export interface UnfinishedWorkflow {
  readonly id: string
  readonly worker: string
}

export interface Engine {
  /** Names a workflow; only before `launch`. */
  register<I, O>(name: string, body: WorkflowBody<I, O>): void
  /** Starts taking work and goes on with this worker's unfinished workflows. @throws CoxError DATABASE_UNREACHABLE; `shutdown` is then all that is left to do */
  launch(): Promise<void>
  /**
   * Starts a workflow here. One that was started before goes on as it is: here, also where another worker had it or this one gave it up, because who
   * starts it has the right to it. Input must be JSON.
   */
  start(workflow: string, id: string, input: unknown): Promise<void>
  status(id: string): Promise<WorkflowStatus>
  /** Waits for the end. @throws what the body threw; CoxError WORKFLOW_CANCELLED, WORKFLOW_UNKNOWN; the signal's reason */
  result(id: string, signal: AbortSignal): Promise<unknown>
  /** Of all workers of the repository. */
  unfinished(): Promise<readonly UnfinishedWorkflow[]>
  cancel(id: string): Promise<void>
  /** Goes on here with the unfinished workflows of workers that are gone; returns their ids. A worker that lives after all stops at its next step. */
  takeOver(deadWorkers: readonly string[]): Promise<readonly string[]>
  /** Aborts running steps and returns when they have ended; their workflows stay unfinished and go on at the next launch. */
  shutdown(): Promise<void>
}
