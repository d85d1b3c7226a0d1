import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ClientRequest, ConformanceClient } from '@coxswain/agents/testing'
import { z } from 'zod'

export interface ClientSetup extends ClientRequest {
  readonly worktree: string
  readonly stateDir: string
  readonly environment: Readonly<Record<string, string>>
  readonly sessionEnvironment: Readonly<Record<string, string>>
}

export type StartedClient = Omit<ConformanceClient, 'waitForProcess'>

const told = z.object({ type: z.string() })

/** A Node process that opens a session, begins a turn and tells its events on stdout, to be killed in the middle. */
export async function startClient(setup: ClientSetup): Promise<StartedClient> {
  const program = fileURLToPath(new URL('./client-main.ts', import.meta.url))
  const child = spawn(process.execPath, [program, JSON.stringify(setup)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const seen = new Set<string>()
  const waiting: (() => void)[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    seen.add(told.parse(JSON.parse(line)).type)
    for (const wake of waiting.splice(0)) wake()
  })
  const exited = once(child, 'exit')
  let hasEnded = false
  // All that it told has been read by then.
  child.on('close', () => {
    hasEnded = true
    for (const wake of waiting.splice(0)) wake()
  })
  return {
    waitForEvent: async (type) => {
      while (!seen.has(type)) {
        if (hasEnded) throw new Error(`the client ended before it told ${type}`)
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
