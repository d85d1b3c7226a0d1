import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { CoxError } from '@coxswain/kernel'
import type { ExampleFile } from './constraint.ts'

export interface ExampleFolder extends AsyncDisposable {
  readonly root: string
  readonly files: readonly string[]
}

/** Lays an example out as files in a temporary folder, removed when disposed. @throws CoxError EXAMPLE_PATH_OUTSIDE */
export async function layOutExample(examples: readonly ExampleFile[]): Promise<ExampleFolder> {
  const files = examples.map((example, index) => ({ path: pathOf(example, index), text: example.text }))
  const root = await mkdtemp(join(tmpdir(), 'cox-example-'))
  for (const file of files) {
    await mkdir(dirname(join(root, file.path)), { recursive: true })
    await writeFile(join(root, file.path), file.text)
  }
  return { root, files: files.map((file) => file.path), [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) }
}

function pathOf(example: ExampleFile, index: number): string {
  if (example.path === '') return `example${index === 0 ? '' : index + 1}.${example.language === '' ? 'txt' : example.language}`
  const path = normalize(example.path)
  if (path.startsWith('..') || path.startsWith('/')) {
    throw new CoxError('EXAMPLE_PATH_OUTSIDE', `The example's path \`${example.path}\` leaves its folder`, {
      hint: 'Write a relative path.',
    })
  }
  return path
}
