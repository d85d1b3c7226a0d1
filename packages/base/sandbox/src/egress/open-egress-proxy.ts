import { closeSync, openSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { lookup } from 'node:dns/promises'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, isIP, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { makePrivateFolder } from '@coxswain/host'
import { errorMessage } from '@coxswain/kernel'
import { isPublicAddress } from './is-public-address.ts'

export interface EgressProxy {
  close(): Promise<void>
}

export interface EgressProxyOptions {
  /** Gets one socket for each proxy that is open, named after its process. */
  readonly folder: string
  /** Which addresses may be reached. Public ones, unless a test says otherwise. */
  readonly isAllowed?: (address: string) => boolean
}

/**
 * The way to the internet for commands in a network of their own: an HTTP proxy (CONNECT, and plain requests) on a socket with a path.
 * Names are resolved here, once, and only addresses on the internet are connected to.
 */
export async function openEgressProxy({ folder, isAllowed = isPublicAddress }: EgressProxyOptions): Promise<EgressProxy> {
  await makePrivateFolder(folder)
  await removeDead(folder)
  const server = createServer((incoming, answer) => void forwardRequest(incoming, answer, isAllowed))
  server.on('connect', (incoming, client, head) => void openTunnel({ incoming, client, head }, isAllowed))
  server.on('clientError', (_, socket) => socket.destroy())
  const name = `${process.pid}`
  await rm(join(folder, name), { force: true })
  const handle = openSync(folder, 'r')
  try {
    // By the open folder, because the path of a socket has little more than a hundred bytes.
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(`/proc/self/fd/${handle}/${name}`, resolve)
    })
  } finally {
    closeSync(handle)
  }
  server.unref()
  return {
    close: async () => {
      server.close()
      server.closeAllConnections()
      await rm(join(folder, name), { force: true })
    },
  }
}

/** Of processes that went without a word. */
async function removeDead(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (!isAlive(Number(name))) await rm(join(folder, name), { force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

type IsAllowed = (address: string) => boolean

interface Tunnel {
  readonly incoming: IncomingMessage
  readonly client: Duplex
  readonly head: Buffer
}

async function openTunnel({ incoming, client, head }: Tunnel, isAllowed: IsAllowed): Promise<void> {
  client.on('error', () => client.destroy())
  try {
    const { hostname, port } = new URL(`http://${incoming.url ?? ''}`)
    const target = await connectTo(hostname, Number(port === '' ? 80 : port), isAllowed)
    target.on('error', () => client.destroy())
    target.on('close', () => client.destroy())
    client.on('close', () => target.destroy())
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    if (head.length > 0) target.write(head)
    target.pipe(client)
    client.pipe(target)
  } catch (error) {
    const { status, text } = refusalOf(error)
    client.end(`HTTP/1.1 ${status}\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${text}\n`)
  }
}

async function forwardRequest(incoming: IncomingMessage, answer: ServerResponse, isAllowed: IsAllowed): Promise<void> {
  try {
    const url = new URL(incoming.url ?? '')
    if (url.protocol !== 'http:') throw new Refusal(`the proxy speaks http and CONNECT, not ${url.protocol}`)
    const socket = await connectTo(url.hostname, Number(url.port === '' ? 80 : url.port), isAllowed)
    const { 'proxy-connection': _, 'proxy-authorization': __, ...headers } = incoming.headers
    const outgoing = request({
      createConnection: () => socket,
      method: incoming.method,
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host, connection: 'close' },
    })
    outgoing.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    outgoing.on('error', (error) => refuse(answer, error))
    answer.on('close', () => socket.destroy())
    incoming.pipe(outgoing)
  } catch (error) {
    refuse(answer, error)
  }
}

function refuse(answer: ServerResponse, error: unknown): void {
  const { status, text } = refusalOf(error)
  if (answer.headersSent) return void answer.destroy()
  answer.writeHead(Number(status.slice(0, 3)), { 'content-type': 'text/plain', connection: 'close' })
  answer.end(`${text}\n`)
}

class Refusal extends Error {}

function refusalOf(error: unknown): { readonly status: string; readonly text: string } {
  if (error instanceof Refusal) return { status: '403 Forbidden', text: `coxswain: ${error.message}` }
  return { status: '502 Bad Gateway', text: `coxswain: ${errorMessage(error)}` }
}

/** To the very address that was looked at: resolved again, a name could lead elsewhere. */
async function connectTo(hostname: string, port: number, isAllowed: IsAllowed): Promise<Socket> {
  const host = hostname.replace(/^\[|\]$/g, '')
  const found = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host }]
  const refused = found.find(({ address }) => !isAllowed(address))
  const [first] = found
  if (refused !== undefined || first === undefined)
    throw new Refusal(
      `${hostname} is not on the internet (${refused?.address ?? 'no address'}), and \`network: proxied\` leads nowhere else`,
    )
  return new Promise((resolve, reject) => {
    const socket = connect({ host: first.address, port })
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}
