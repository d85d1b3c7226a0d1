import process from 'node:process'
import { closeInherited } from '@coxswain/host'
import { run } from '@stricli/core'
import { app } from './app.ts'
import { usageError } from './usage-text.ts'

/** Exit codes: 0 done, 1 the work did not succeed, 2 wrong usage or an error of ours. */
export async function runCli(args: readonly string[]): Promise<void> {
  closeInherited()
  // A pager or `head` that closes early is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  await run(app, args, { process: terminal, forCommand: () => ({ process }) })
  // Stricli reports wrong usage with negative codes.
  if (Number(process.exitCode ?? 0) < 0) process.exitCode = 2
  const usage = usageError()
  if (usage !== undefined && args.includes('--json')) process.stdout.write(`${JSON.stringify({ error: usage })}\n`)
}

/** The process as Stricli sees it. */
const terminal = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  get exitCode(): number | string | null {
    return process.exitCode ?? null
  },
  set exitCode(code: number | string | null) {
    process.exitCode = code ?? undefined
  },
}
