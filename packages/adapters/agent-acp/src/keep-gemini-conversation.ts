import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { moveFile } from '@coxswain/host'

/**
 * Gemini names the record of a conversation after the minute it is opened in and its id. When it is taken up again within the same
 * minute it finds that very file, begins it anew, and then says that there is nothing to resume (0.61.0). Under the name of another
 * minute the record is found and kept: only its content counts.
 */
export async function keepGeminiConversation(home: string, resumeToken: string): Promise<void> {
  const projects = join(home, '.gemini/tmp')
  for (const project of await listed(projects)) {
    const chats = join(projects, project, 'chats')
    for (const file of await listed(chats)) {
      const ending = `-${resumeToken.slice(0, 8)}.jsonl`
      if (file.startsWith('session-2') && file.endsWith(ending)) await moveAside(join(chats, file), chats, ending)
    }
  }
}

async function moveAside(file: string, chats: string, ending: string): Promise<void> {
  for (let minute = 0; minute < 60; minute += 1) {
    const name = `session-1970-01-01T00-${String(minute).padStart(2, '0')}${ending}`
    if (await moveFile(file, join(chats, name))) return
  }
}

async function listed(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}
