import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

/** What a conversation remembers across processes. */
export type Conversation = z.infer<typeof conversation>

const conversation = z.object({
  scenario: z.string().nullable(),
  /** By scenario. */
  turnsDone: z.record(z.string(), z.int().nonnegative()),
  history: z.array(z.object({ role: z.enum(['user', 'agent']), text: z.string() })),
})

export const newConversation: Conversation = { scenario: null, turnsDone: {}, history: [] }

export function saveConversation(id: string, value: Conversation): void {
  const file = fileOf(id)
  mkdirSync(stateFolder(), { recursive: true })
  writeFileSync(`${file}.tmp`, JSON.stringify(value))
  renameSync(`${file}.tmp`, file)
}

/** Null when this home has never seen it. */
export function loadConversation(id: string): Conversation | null {
  try {
    return conversation.parse(JSON.parse(readFileSync(fileOf(id), 'utf8')))
  } catch {
    return null
  }
}

/** Everything this program keeps. */
export function stateFolder(): string {
  return join(homedir(), '.scripted-agent')
}

function fileOf(id: string): string {
  return join(stateFolder(), `${id.replaceAll(/[^\w-]/g, '')}.json`)
}
