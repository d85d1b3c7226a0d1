import type { Actor } from '@coxswain/model'

type ActorKind = Actor['kind']

/**
 * Who may ask what. What is not written here is no route, and what has no actor is asked in vain. The agent of a run reaches its own run alone:
 * `:run`, or `?run=`, is the one that it works for.
 */
export const rights = {
  'GET /v1/status': ['person', 'worker'],
  'POST /v1/shutdown': ['person'],
  'POST /v1/tasks': ['person'],
  'GET /v1/tasks': ['person', 'worker'],
  'GET /v1/tasks/:task': ['person', 'worker'],
  'POST /v1/tasks/:task/cancel': ['person'],
  'GET /v1/runs': ['person', 'worker'],
  'GET /v1/runs/:run': ['person', 'worker', 'run'],
  'GET /v1/runs/:run/diff': ['person', 'worker', 'run'],
  'POST /v1/runs/:run/interventions': ['person'],
  'POST /v1/runs/:run/questions': ['run'],
  'GET /v1/events': ['person', 'worker', 'run'],
  'GET /v1/events/stream': ['person', 'worker', 'run'],
  'GET /v1/presence': ['person'],
  'POST /v1/clean': ['person'],
} as const satisfies Readonly<Record<string, readonly ActorKind[]>>

export type Route = keyof typeof rights

export interface Asked {
  readonly actor: Actor
  readonly route: Route
  /** The run that is asked about, by the path or the query. */
  readonly run: string | undefined
}

/** Null where it may be asked; else why not. */
export function refusalOf({ actor, route, run }: Asked): string | null {
  const kinds: readonly ActorKind[] = rights[route]
  if (!kinds.includes(actor.kind)) return `${nameOf(actor)} may not ask for ${route}`
  return actor.kind === 'run' && run !== actor.run ? `${nameOf(actor)} may ask about ${actor.run} alone` : null
}

export function nameOf(actor: Actor): string {
  if (actor.kind === 'run') return `the agent of ${actor.run}`
  return `${actor.kind === 'worker' ? 'the worker' : ''} ${actor.name}`.trim()
}
