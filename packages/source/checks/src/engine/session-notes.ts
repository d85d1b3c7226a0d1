import { hash } from 'node:crypto'
import type { StoredWorkspace } from '@coxswain/graph'
import { programStamp, type ProgramParts } from '@coxswain/host'
import type { ParsedConfig } from '../config/load-config.ts'
import type { StoredFindings } from './evaluator.ts'

/** What a session leaves for the next process. */
export interface SessionNotes {
  readonly config: ParsedConfig
  readonly workspace: StoredWorkspace
  readonly findings: StoredFindings
}

/** Everything besides files that findings depend on. */
export interface NotesScope {
  readonly configText: string
  readonly day: string
  readonly before: ReadonlyMap<string, string> | null
}

export function writeNotes(notes: SessionNotes, scope: NotesScope): string {
  return `${keyOf(scope)}\n${JSON.stringify(notes)}`
}

/** Null when they were made by another program, under other rules, or on another day. */
export function readNotes(text: string, scope: NotesScope): SessionNotes | null {
  const key = keyOf(scope)
  if (!text.startsWith(`${key}\n`)) return null
  // cox-allow parse-at-boundary owner=checks until=2027-06-30 reason=written by this very version of this program, which the key above proves
  return JSON.parse(text.slice(key.length + 1)) as SessionNotes
}

const program: ProgramParts = {
  own: import.meta.dirname,
  rooms: ['@coxswain/facts', '@coxswain/graph', '@coxswain/rules', '@coxswain/checks'],
  resolve: (room) => import.meta.resolve(room),
}

function keyOf({ configText, day, before }: NotesScope): string {
  const compared = before === null ? null : [...before]
  return hash('sha256', JSON.stringify([programStamp(program), configText, day, compared]))
}
