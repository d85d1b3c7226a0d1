import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isPublicAddress } from './is-public-address.ts'
import { openEgressProxy, type EgressProxy } from './open-egress-proxy.ts'

let folder: string
let service: Server
let port: number
let proxy: EgressProxy
beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'cox-egress-')), 'a'.repeat(80), 'proxies')
  mkdirSync(folder, { recursive: true })
  service = createHttpServer((incoming, answer) => answer.end(`${incoming.method} ${incoming.url} ${incoming.headers.host}`))
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const address = service.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterEach(async () => {
  await proxy.close()
  service.close()
  rmSync(join(folder, '../..'), { recursive: true, force: true })
})

/** What a client of the proxy reads after these words. */
function say(words: string): Promise<string> {
  process.chdir(folder)
  return new Promise((resolve, reject) => {
    let text = ''
    const client = connect({ path: String(process.pid) }, () => client.write(words))
    client.on('data', (data) => {
      text += data.toString('latin1')
      if (text.includes('established\r\n\r\n') && !text.includes('GET ')) client.write('GET /in HTTP/1.0\r\n\r\n')
    })
    client.on('close', () => resolve(text))
    client.on('error', reject)
  })
}

test.each([
  '127.0.0.1',
  'localhost',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '0x7f.1',
  '2130706433',
  '10.1.2.3',
  '169.254.169.254',
  '0.0.0.0',
  '[fe80::1]',
])('neither a tunnel nor a plain request leads to %s', async (host) => {
  proxy = await openEgressProxy({ folder })
  expect(await say(`CONNECT ${host}:${port} HTTP/1.1\r\nhost: x\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 403 Forbidden\r\n[^]*is not on the internet/,
  )
  expect(await say(`GET http://${host}:${port}/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 403 Forbidden\r\n/,
  )
})

test('an address that is allowed answers through a tunnel and to a plain request, under the host that was asked', async () => {
  proxy = await openEgressProxy({ folder, isAllowed: () => true })
  expect(await say(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nhost: x\r\n\r\n`)).toMatch(
    /established\r\n\r\nHTTP\/1\.1 200 OK[^]*GET \/in/,
  )
  const plain = `POST http://localhost:${port}/a?b HTTP/1.1\r\nhost: other\r\nproxy-authorization: secret\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`
  expect(await say(plain)).toMatch(new RegExp(`200 OK[^]*POST /a\\?b localhost:${port}`))
})

test('what is no address is refused, and the proxy goes on', async () => {
  proxy = await openEgressProxy({ folder })
  expect(await say('CONNECT  HTTP/1.1\r\nhost: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 (?:400|403|502)/)
  expect(await say('GET /path HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 502/)
  expect(await say('GET file:///etc/passwd HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 403/)
  expect(await say('\u0000\u0001\u0002\r\n\r\n')).toBe('')
  expect(await say('CONNECT 127.0.0.1:1 HTTP/1.1\r\nhost: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 403/)
})

test('addresses on the internet are public, those of networks at home are not', async () => {
  proxy = await openEgressProxy({ folder })
  expect(['93.184.215.14', '8.8.8.8', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'].filter(isPublicAddress)).toHaveLength(3)
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const [first = 0, second = 0] = address.split('.').map(Number)
      const isLocal =
        [0, 10, 127].includes(first) || first >= 224 || (first === 172 && second >> 4 === 1) || (first === 192 && second === 168)
      return !(isLocal && (isPublicAddress(address) || isPublicAddress(`::ffff:${address}`)))
    }),
  )
})
