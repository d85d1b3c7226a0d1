import process from 'node:process'
import { proposeCompletions } from '@stricli/core'
import { app } from '../app.ts'
import { leadingDirectory } from '../leading-directory.ts'

/** Answers a shell: one proposal a line, a tab and what it is behind it. `words` are those after `cox`, the last one unfinished. */
export async function propose(words: readonly string[]): Promise<string> {
  const context = { process: { stdout: process.stdout, stderr: process.stderr }, forCommand: () => ({ process }) }
  const { rest } = leadingDirectory(words)
  // The folder itself is still being typed: the shell proposes files where we propose nothing.
  if (rest.length === 0) return ''
  const proposals = await proposeCompletions(app, rest, context)
  return proposals.map(({ completion, brief }) => `${completion}\t${brief}\n`).join('')
}
