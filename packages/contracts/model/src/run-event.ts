import { z } from 'zod'
import { Actor } from './actor.ts'
import { StoredEvent } from './event.ts'
import { GateResult } from './gate.ts'
import { RunId } from './ids.ts'
import { interventionKinds } from './intervention.ts'
import { runOutcomes, runStates } from './run.ts'

/*
 * Everything that is written down of tasks and runs: one shape a name. What a field means is said where it is written; here stands what readers may rely on.
 * Fields that came later are optional, for events of before. A shape that older readers would misread gets a greater version.
 */

const texts = z.array(z.string()).readonly()
const count = z.number()
const words = z.array(z.object({ id: z.number(), text: z.string() })).readonly()

/** A step of the run machine: the states around it, and what the run shows afterwards. */
const step = {
  from: z.enum(runStates),
  to: z.enum(runStates),
  outcome: z.enum(runOutcomes).nullable(),
  reason: z.string().nullable(),
  /** Milliseconds. */
  activeMs: count.optional(),
}
/** What a person's act did to a run. */
const act = z.looseObject({ from: step.from, to: step.to, text: z.string(), actor: Actor.nullable().optional() })
const taskMoved = z.looseObject({ actor: Actor.optional() })
const interruption = z.object({ by: z.enum(['pause', 'cancel', 'rework', 'budget', 'shutdown']), text: z.string() })
const refused = z.looseObject({ kind: z.enum(interventionKinds), why: z.string(), instead: z.string().optional() })
/** Which start of the agent's program told it, and in which place. */
const place = { program: z.string(), position: z.number() }

const shapes = {
  'task-added': z.looseObject({ title: z.string(), origin: z.string(), actor: Actor.optional() }),
  'task-queued': taskMoved,
  'task-active': taskMoved,
  'task-done': taskMoved,
  'task-cancelled': taskMoved,
  'run-created': z.looseObject({ agent: z.string(), model: z.string().nullable() }),
  'run-claimed': z.looseObject({ worker: z.string() }),
  /** The folders of a repository that was moved by a copy. */
  'repository-adopted': z.looseObject({ from: z.string(), to: z.string() }),
  /** From which of the dead workers is not told apart. */
  'run-taken-over': z.looseObject({ from: texts, to: z.string() }),
  'run-waiting': z.looseObject({ reason: z.string() }),
  'run-suspended': z.looseObject({ effect: z.string(), pid: z.number() }),
  'run-broken': z.looseObject({ reason: z.string() }),
  'run-answered': act,
  'run-paused': act,
  'run-resumed': act,
  'run-cancelled': act,
  'run-reworked': act,
  'run-approved': act,
  'worktree-prepared': z.looseObject({ ...step, base: z.string(), red: GateResult.nullable().optional() }),
  'setup-failed': z.looseObject({ ...step, excerpt: z.string() }),
  'turn-ended': z.looseObject({
    ...step,
    failure: z.object({ kind: z.string(), message: z.string() }).nullable(),
    interruptedBy: interruption.nullable(),
    head: z.string(),
    tree: z.string(),
    isChanged: z.boolean(),
  }),
  'gates-ended': z.looseObject({ ...step, results: z.array(GateResult).readonly() }),
  'wait-ended': z.looseObject(step),
  'change-landed': z.looseObject({
    ...step,
    commit: z.string(),
    results: z.array(GateResult).readonly(),
    unheard: words.optional(),
    unsigned: z.string().optional(),
  }),
  'landing-conflicted': z.looseObject({ ...step, paths: texts }),
  'landing-rejected': z.looseObject({ ...step, result: GateResult }),
  'landing-postponed': z.looseObject({
    ...step,
    paths: texts,
    underWay: z.object({ what: z.string(), place: z.string() }).optional(),
  }),
  'landing-empty': z.looseObject(step),
  'branch-red': z.looseObject({ ...step, result: GateResult }),
  'branch-green': z.looseObject({ from: step.from, to: step.to, commit: z.string() }),
  'run-interrupted': z.looseObject({ ...step, interruption }),
  'effect-failed': z.looseObject(step),
  'intervention-added': z.looseObject({
    id: z.number(),
    kind: z.enum(interventionKinds),
    text: z.string(),
    actor: Actor.nullable().optional(),
  }),
  'intervention-refused': refused,
  /** Written by versions before. */
  'intervention-ignored': refused,
  'message-delivered': z.looseObject({ run: RunId, intervention: z.number() }),
  'question-asked': z.looseObject({ number: z.number(), text: z.string(), actor: Actor.optional() }),
  'agent-message-delta': z.looseObject({ ...place, text: z.string() }),
  'agent-message': z.looseObject({ ...place, text: z.string() }),
  'agent-tool-start': z.looseObject({ ...place, kind: z.string(), title: z.string() }),
  'agent-tool-end': z.looseObject({
    ...place,
    status: z.enum(['ok', 'failed', 'declined']),
    exitCode: z.number().nullable(),
    output: z.string(),
  }),
  'agent-files-changed': z.looseObject({ ...place, paths: texts }),
  'agent-plan': z.looseObject(place),
  'agent-diff': z.looseObject(place),
  'agent-usage': z.looseObject(place),
  'agent-rate-limit': z.looseObject(place),
  'agent-approval': z.looseObject({ ...place, title: z.string(), decision: z.enum(['accept', 'decline', 'cancel']) }),
  'agent-retry': z.looseObject({ ...place, message: z.string() }),
  'agent-warning': z.looseObject({ ...place, message: z.string() }),
}

export type EventName = keyof typeof shapes
export const eventNames = Object.keys(shapes) as readonly EventName[]

/** What is written down of tasks and runs, told apart by its name. */
export type RunEvent = {
  [Name in EventName]: { readonly name: Name; readonly data: Readonly<z.output<(typeof shapes)[Name]>> }
}[EventName]

/** Versions of shapes; those that are not here have their first. */
const versions: Readonly<Partial<Record<EventName, number>>> = {}

/** What an event of this name tells. */
export type DataOf<Name extends EventName> = Extract<RunEvent, { readonly name: Name }>['data']

export function versionOf(name: EventName): number {
  return versions[name] ?? 1
}

/** The event in the shape of its name; null where another version wrote one that this version does not know. */
export function knownEvent({ name, data, version }: Pick<StoredEvent, 'name' | 'data' | 'version'>): RunEvent | null {
  if (!isEventName(name) || version > versionOf(name)) return null
  const parsed = shapes[name].safeParse(data)
  // The pair is checked by the line above: a name selects its own shape.
  return parsed.success ? ({ name, data: parsed.data } as RunEvent) : null
}

function isEventName(name: string): name is EventName {
  return Object.hasOwn(shapes, name)
}
