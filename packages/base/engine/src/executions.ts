import { CoxError, isCoxError } from '@coxswain/kernel'

/** One run of a body in this process. A workflow that comes back after a takeover may have two; the older one then stands still for ever. */
export interface Execution {
  readonly id: string
  readonly stop: AbortController
}

/** What runs here, so that it can be stopped. */
export interface Executions {
  begin(id: string): Execution
  end(execution: Execution): void
  /** Its body stands still from now on: the workflow goes on elsewhere, or here when it is started again. */
  abandon(execution: Execution): void
  /** True once after that. */
  wasAbandoned(id: string): boolean
  /** Counts a step until it is recorded or given up; returns the way to say so, which may be said twice. */
  beginStep(): () => void
  cancel(id: string): void
  isStopping(): boolean
  /** Aborts all steps; resolves when none is left, or after the grace. */
  stopAll(grace: Promise<void>): Promise<void>
  /** True while a body of this workflow runs in this process. */
  isHere(id: string): boolean
  /** Calls back when an execution of this workflow ends here; returns the way to stop that. */
  onEnd(id: string, wake: () => void): () => void
}

export function createExecutions(): Executions {
  const running = new Set<Execution>()
  const steps = new Set<object>()
  const wakes = new Set<{ readonly id: string; readonly wake: () => void }>()
  const abandoned = new Set<string>()
  const quiet = Promise.withResolvers<void>()
  let isStopping = false
  const isQuiet = (): boolean => isStopping && steps.size === 0
  const abortAll = (reason: CoxError, id?: string): void => {
    for (const execution of running) if (id === undefined || execution.id === id) execution.stop.abort(reason)
  }
  const end = (execution: Execution): void => {
    running.delete(execution)
    for (const { id, wake } of wakes) if (id === execution.id) wake()
  }
  return {
    begin: (id) => {
      const execution = { id, stop: new AbortController() }
      running.add(execution)
      return execution
    },
    end,
    abandon: (execution) => {
      end(execution)
      abandoned.add(execution.id)
      execution.stop.abort(taken(execution.id))
    },
    wasAbandoned: (id) => abandoned.delete(id),
    beginStep: () => {
      const step = {}
      steps.add(step)
      return () => void (steps.delete(step) && isQuiet() && quiet.resolve())
    },
    cancel: (id) => abortAll(cancelled(id), id),
    isStopping: () => isStopping,
    stopAll: async (grace) => {
      isStopping = true
      abortAll(stopped())
      if (isQuiet()) quiet.resolve()
      await Promise.race([quiet.promise, grace])
    },
    isHere: (id) => [...running].some((execution) => execution.id === id),
    onEnd: (id, wake) => {
      const waiting = { id, wake }
      wakes.add(waiting)
      return () => void wakes.delete(waiting)
    },
  }
}

/** Never settles: the execution is given up, and no `catch` or `finally` of its body may run. */
export function standStill(): Promise<never> {
  return new Promise(() => {})
}

export function isCancelled({ stop }: Execution): boolean {
  return isCoxError(stop.signal.reason, 'WORKFLOW_CANCELLED')
}

export function cancelled(id: string): CoxError {
  return new CoxError('WORKFLOW_CANCELLED', `Workflow ${id} was cancelled`, {
    hint: 'Start it under another id to run it again.',
    data: { id },
  })
}

export function taken(id: string): CoxError {
  return new CoxError('WORKFLOW_TAKEN', `Workflow ${id} goes on in another worker`, {
    hint: 'Leave what it works on alone.',
    data: { id },
  })
}

function stopped(): CoxError {
  return new CoxError('ENGINE_STOPPED', 'The engine shuts down', {
    hint: 'Stop at once; the step runs again at the next launch.',
  })
}
