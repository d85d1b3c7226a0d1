import type { TextEdit } from '@coxswain/rules'

/** The texts after the edits; null when one of them no longer finds what it replaces. */
export function planEdits(texts: ReadonlyMap<string, string>, edits: readonly TextEdit[]): Map<string, string> | null {
  const planned = new Map(texts)
  // From the end, so that earlier offsets stay true.
  for (const edit of edits.toSorted((a, b) => b.start - a.start)) {
    const text = planned.get(edit.file)
    if (text === undefined || text.slice(edit.start, edit.end) !== edit.was) return null
    planned.set(edit.file, text.slice(0, edit.start) + edit.text + text.slice(edit.end))
  }
  return planned
}
