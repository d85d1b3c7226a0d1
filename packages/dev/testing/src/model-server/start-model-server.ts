import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { anthropic } from './anthropic.ts'
import { createCallId, findPosition, type ConversationEntry } from './conversation.ts'
import { gemini } from './gemini.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'
import { createGates, type Gates } from './gates.ts'
import { defaultUsage, type ModelScript, type ModelStep } from './script.ts'
import { sendAnswer, sendFailure, sendHttp } from './send-answer.ts'
import type { Vendor, VendorRequest } from './vendor.ts'

export interface ModelServer {
  /** `http://127.0.0.1:PORT`; the vendors' own paths below it. */
  readonly url: string
  readonly requests: readonly ModelRequest[]
  /** Requests that the script does not answer: a test asserts that there are none. */
  readonly misses: readonly string[]
  /** Lets go every answer that waits, now or later, at this name. */
  release(name: string): void
  /** Resolves with the nth request (from 1) of a scenario's step as soon as it has arrived. */
  waitForRequest(scenario: string, step: number, nth?: number): Promise<ModelRequest>
  close(): Promise<void>
}

export interface ModelRequest {
  readonly vendor: Vendor['name']
  readonly path: string
  readonly model: string
  /** Null for an agent's side question (a title, a summary), which carries no tools and gets a stock answer. */
  readonly scenario: string | null
  readonly step: number
  readonly entries: readonly ConversationEntry[]
  readonly instructions: string
  readonly toolNames: readonly string[]
}

const vendors: readonly Vendor[] = [openaiResponses, openaiChat, anthropic, gemini]

/** A scripted model on loopback that speaks four vendors' protocols, for real agent programs to talk to. */
export async function startModelServer(options: { readonly script: ModelScript }): Promise<ModelServer> {
  const state: ServerState = { script: options.script, requests: [], misses: [], failures: new Map(), gates: createGates() }
  const server = createServer((request, response) => {
    answerRequest(state, request, response).catch((error: unknown) => {
      state.misses.push(`${request.url ?? ''}: ${String(error)}`)
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = address === null || typeof address === 'string' ? 0 : address.port
  return {
    url: `http://127.0.0.1:${port}`,
    requests: state.requests,
    misses: state.misses,
    release: (name) => state.gates.release(name),
    waitForRequest: async (scenario, step, nth = 1) => {
      await state.gates.wait(requestGate(scenario, step, nth))
      const [found] = state.requests.filter((one) => one.scenario === scenario && one.step === step).slice(nth - 1)
      if (found === undefined) throw new Error(`the request ${scenario}/${step} is not recorded`)
      return found
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

interface ServerState {
  readonly script: ModelScript
  readonly requests: ModelRequest[]
  readonly misses: string[]
  readonly failures: Map<ModelStep, number>
  readonly gates: Gates
}

async function answerRequest(state: ServerState, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(message.url ?? '/', 'http://loopback').pathname
  const body = await text(message)
  const vendor = vendors.find((one) => one.matches(path))
  if (vendor === undefined || message.method !== 'POST') {
    state.misses.push(`${message.method} ${path}`)
    return sendHttp(response, { status: 404, body: { error: { message: 'not scripted' } } })
  }
  const request = vendor.readRequest(JSON.parse(body), path)
  const { scenario, step, answer } = findStep(state, request)
  state.requests.push({ vendor: vendor.name, path, ...request, scenario, step })
  if (scenario !== null) releaseRequestGate(state, scenario, step)
  if (answer === null) {
    state.misses.push(`${path}: no step ${step} of scenario ${scenario ?? '(no tag)'}`)
    return sendHttp(response, { status: 400, body: { error: { type: 'invalid_request_error', message: 'not scripted' } } })
  }
  await play(state, { vendor, request, answer, step, response })
}

const sideAnswer: ModelStep = { text: 'Scripted side answer' }

function findStep(
  state: ServerState,
  request: VendorRequest,
): { scenario: string | null; step: number; answer: ModelStep | null } {
  if (request.toolNames.length === 0) return { scenario: null, step: 0, answer: sideAnswer }
  const position = findPosition(request.entries)
  if (position === null) return { scenario: null, step: 0, answer: null }
  const steps = state.script[position.scenario] ?? []
  const last = steps.at(-1)
  // A failing last step stays: agents come back to it with continuations of their own.
  const answer = steps[position.step] ?? (last?.failure === undefined ? null : last)
  return { ...position, answer }
}

function requestGate(scenario: string, step: number, nth: number): string {
  return `request ${scenario} ${step} ${nth}`
}

function releaseRequestGate(state: ServerState, scenario: string, step: number): void {
  const count = state.requests.filter((one) => one.scenario === scenario && one.step === step).length
  state.gates.release(requestGate(scenario, step, count))
}

interface Play {
  readonly vendor: Vendor
  readonly request: VendorRequest
  readonly answer: ModelStep
  readonly step: number
  readonly response: ServerResponse
}

async function play(state: ServerState, { vendor, request, answer, step, response }: Play): Promise<void> {
  if (answer.hold !== undefined) await state.gates.wait(answer.hold)
  if (answer.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, answer.delayMs))
  if (response.destroyed) return
  const calls = (answer.tools ?? [])
    .flatMap((tool) => vendor.toolCalls(tool, request))
    .map((call) => ({ id: createCallId(step), ...call }))
  const plain = {
    text: answer.text ?? '',
    calls,
    usage: { ...defaultUsage, ...answer.usage },
    end: 'done' as const,
    model: request.model,
    streaming: request.streaming,
  }
  if (answer.rateLimit !== undefined)
    for (const [name, value] of Object.entries(vendor.rateLimitHeaders(answer.rateLimit))) response.setHeader(name, value)
  if (answer.failure !== undefined && countFailure(state, answer))
    return sendFailure({ vendor, response, failure: answer.failure, answer: plain })
  const { holdMiddle } = answer
  await sendAnswer({
    vendor,
    response,
    answer: plain,
    middle: holdMiddle === undefined ? undefined : () => state.gates.wait(holdMiddle),
  })
}

/** True while the step still has a failure to show. */
function countFailure(state: ServerState, step: ModelStep): boolean {
  const shown = (state.failures.get(step) ?? 0) + 1
  state.failures.set(step, shown)
  return shown <= (step.failTimes ?? Number.POSITIVE_INFINITY)
}
