import type { ServerResponse } from 'node:http'
import type { Answer, HttpFailure, StreamEvent } from './answer.ts'
import type { ModelFailure } from './script.ts'
import type { Vendor } from './vendor.ts'

export interface SendOptions {
  readonly vendor: Vendor
  readonly response: ServerResponse
  readonly answer: Answer
  /** Awaited after the first half of the stream. */
  readonly middle?: (() => Promise<void>) | undefined
}

export async function sendAnswer({ vendor, response, answer, middle }: SendOptions): Promise<void> {
  if (!answer.streaming) {
    await middle?.()
    return sendHttp(response, { status: 200, body: vendor.document(answer) })
  }
  const events = vendor.stream(answer)
  const cut = firstText(events)
  writeEvents(response, events.slice(0, cut))
  await middle?.()
  writeEvents(response, events.slice(cut))
  if (vendor.endOfStream !== null) response.write(`data: ${vendor.endOfStream}\n\n`)
  response.end()
}

/** Shows one row of the failure matrix in the vendor's own words. */
export async function sendFailure(options: SendOptions & { readonly failure: ModelFailure }): Promise<void> {
  const { vendor, response, answer, failure } = options
  const wire = vendor.failure(failure)
  if (wire === null) return breakConnection(options)
  if ('http' in wire) return sendHttp(response, wire.http)
  if ('end' in wire) return sendAnswer({ ...options, answer: { ...answer, text: answer.text || 'I stop here.', end: wire.end } })
  writeEvents(response, wire.stream)
  response.end()
}

export function sendHttp(response: ServerResponse, { status, headers, body }: HttpFailure): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

function breakConnection({ vendor, response, answer, failure }: SendOptions & { readonly failure: ModelFailure }): void {
  if (failure === 'disconnect') return void response.destroy()
  if (failure === 'garbage') {
    openStream(response)
    response.end('data: {"type": "response.\n\ndata: <html>not json</html>\n\n')
    return
  }
  const events = vendor.stream({ ...answer, text: answer.text || 'half an answer', calls: [] })
  writeEvents(response, events.slice(0, firstText(events)))
  if (failure === 'stream-cut') response.socket?.end(() => response.destroy())
}

/** The index behind the first piece of text, so that a stream that stops there has said something. */
function firstText(events: readonly StreamEvent[]): number {
  return Math.min(events.length, Math.max(2, events.findIndex((event) => /delta|text/.test(event.name ?? 'text')) + 1))
}

function writeEvents(response: ServerResponse, events: readonly StreamEvent[]): void {
  openStream(response)
  for (const { name, data } of events)
    response.write(`${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`)
}

function openStream(response: ServerResponse): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
}
