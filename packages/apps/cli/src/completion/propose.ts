import process from 'node:process'
import { proposeCompletions } from '@stricli/core'
import { app } from '../app.ts'

/** Answers a shell: one proposal a line, a tab and what it is behind it. `words` are those after `cox`, the last one unfinished. */
export async function propose(words: readonly string[]): Promise<string> {
  const context = { process: { stdout: process.stdout, stderr: process.stderr }, forCommand: () => ({ process }) }
  const proposals = await proposeCompletions(app, words, context)
  return proposals.map(({ completion, brief }) => `${completion}\t${brief}\n`).join('')
}
