import type { AgentName } from '../context/loading-rules.ts'

/** Which agent programs read what is generated at a path; what no row names is for other readers. */
const places: readonly { readonly at: RegExp; readonly agents: readonly AgentName[] }[] = [
  { at: /(?:^|\/)AGENTS\.md$/, agents: ['codex', 'gemini', 'opencode', 'cursor', 'copilot'] },
  { at: /(?:^|\/)CLAUDE\.md$/, agents: ['claude'] },
  { at: /(?:^|\/)GEMINI\.md$/, agents: ['gemini'] },
  { at: /^\.agents\/skills\//, agents: ['codex', 'gemini', 'opencode'] },
  { at: /^\.claude\/skills\//, agents: ['claude', 'opencode'] },
  { at: /^\.claude\/(?:rules\/|settings\.json$)/, agents: ['claude'] },
  { at: /^\.codex\//, agents: ['codex'] },
  { at: /^\.gemini\//, agents: ['gemini'] },
  { at: /^\.cursor\//, agents: ['cursor'] },
  { at: /^\.github\//, agents: ['copilot'] },
  { at: /^harness\/generated\/(?:hooks\.json|run-hook\.sh)$/, agents: ['codex', 'claude', 'gemini'] },
]

/** What one generated file, or words of people beside it, sends its reader on to. */
export interface Lean {
  readonly from: string
  readonly to: string
}

/** Whether a generated path is for these agents: by its place, or because what they read there sends them on. */
export function createReadBy(agents: readonly AgentName[], leans: readonly Lean[]): (path: string) => boolean {
  const isTheirs = (path: string): boolean =>
    places.some(({ at, agents: readers }) => at.test(path) && readers.some((reader) => agents.includes(reader)))
  const reached = new Set<string>()
  for (const { from, to } of leans) if (isTheirs(from) || reached.has(from)) reached.add(to)
  return (path) => isTheirs(path) || reached.has(path)
}
