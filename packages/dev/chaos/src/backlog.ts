import type { Random } from './random.ts'

export interface BacklogItem {
  readonly key: string
  readonly text: string
  /** What stands in the repository once it has landed. */
  readonly file: { readonly path: string; readonly content: string } | null
  readonly line: string | null
}

export interface Backlog {
  readonly items: readonly BacklogItem[]
  /** For the scripted agent: scenario → turns → actions. */
  readonly script: Readonly<Record<string, readonly (readonly Action[])[]>>
}

type Action = Readonly<Record<string, unknown>> & { readonly do: string }

type Kind = 'plain' | 'repair' | 'shared' | 'long' | 'chatty'

const kinds: readonly Kind[] = ['plain', 'repair', 'shared', 'long', 'shared', 'chatty']

/** More than any run can be sent back. */
const repairTurns = 60

/** Tasks of all kinds, and what the agent does about each. What it does may be done again: a turn that is killed starts over. */
export function planBacklog(count: number, random: Random): Backlog {
  const items: BacklogItem[] = []
  const script: Record<string, (readonly Action[])[]> = {}
  for (let number = 1; number <= count; number += 1) {
    const kind = kinds[(number - 1) % kinds.length] ?? 'plain'
    script[`task-${number}`] = [firstTurn(kind, number, random), ...Array.from({ length: repairTurns }, () => repairTurn(random))]
    items.push(describe(kind, number))
  }
  return { items, script }
}

function describe(kind: Kind, number: number): BacklogItem {
  const isShared = kind === 'shared'
  return {
    key: `chaos ${number}`,
    text: `[scenario:task-${number}] ${kind} work number ${number}`,
    file: isShared ? null : { path: `work/${number}.txt`, content: `done ${number}\n` },
    line: isShared ? `line ${number}` : null,
  }
}

function firstTurn(kind: Kind, number: number, random: Random): Action[] {
  const think = { do: 'sleep', ms: kind === 'long' ? random.between(1_500, 3_000) : random.between(100, 900) }
  const words =
    kind === 'chatty' ? Array.from({ length: 30 }, (_, index) => ({ do: 'think', text: `thought ${index} about ${number}` })) : []
  const misspelt = kind === 'repair' ? 'dome' : 'done'
  const work =
    kind === 'shared'
      ? { do: 'run', command: ['node', 'tools/add-line.mjs', `line ${number}`] }
      : { do: 'write', path: `work/${number}.txt`, content: `${misspelt} ${number}\n` }
  return [
    { do: 'say', text: `starting ${number}` },
    ...words,
    think,
    work,
    { do: 'usage', input: 100 + number, output: 10 },
    think,
    { do: 'say', text: `finished ${number}` },
  ]
}

function repairTurn(random: Random): Action[] {
  return [
    { do: 'sleep', ms: random.between(50, 500) },
    { do: 'run', command: ['node', 'tools/repair.mjs'] },
    { do: 'usage', input: 50, output: 5 },
    { do: 'say', text: 'repaired' },
  ]
}
