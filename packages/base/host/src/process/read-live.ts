import { readFile } from 'node:fs/promises'
import { isSameAlive, type ProcessIdentity } from './process-table.ts'

interface Shape<T> {
  safeParse(value: unknown): { readonly success: true; readonly data: T } | { readonly success: false }
}

/** What a live process tells of itself in a file; null where there is none, nothing can be read from it, or its process is gone. */
export async function readLive<T extends ProcessIdentity>(file: string, shape: Shape<T>): Promise<T | null> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const told = shape.safeParse(parseJson(text))
  return told.success && isSameAlive(told.data) ? told.data : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
