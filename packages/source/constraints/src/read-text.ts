import { access, readFile } from 'node:fs/promises'

/** A file's text when its bytes are UTF-8 and survive the way back; null when there is no such file. */
export async function readText(
  path: string,
): Promise<{ readonly kind: 'text'; readonly text: string } | { readonly kind: 'not-utf8' } | null> {
  try {
    const bytes = await readFile(path)
    const text = bytes.toString('utf8')
    return Buffer.from(text, 'utf8').equals(bytes) ? { kind: 'text', text } : { kind: 'not-utf8' }
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP')) return null
    throw error
  }
}

export function isErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR')) return false
    throw error
  }
}
