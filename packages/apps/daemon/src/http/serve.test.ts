import { readFile, stat } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { serve } from './serve.ts'
import { openTestContext } from './testing/open-test-context.ts'

test('the daemon is asked on loopback alone, by who can read its address: nobody but its user', async () => {
  await using opened = await openTestContext()
  const { context } = opened
  await using cleanup = new AsyncDisposableStack()
  const url = await serve({ context, cleanup })
  const address = JSON.parse(await readFile(context.folder.address, 'utf8')) as { url: string; token: string }
  expect(address.url).toBe(url)
  expect((await stat(context.folder.address)).mode & 0o777).toBe(0o600)
  expect((await stat(context.folder.root)).mode & 0o777).toBe(0o700)

  const ask = (base: string, token: string): Promise<number> =>
    fetch(`${base}/v1/status`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status)
  expect([await ask(url, address.token), await ask(url, 'another')]).toEqual([200, 401])
  // 127.0.0.2 is this machine too, and another address than the one that is listened on.
  const elsewhere = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ family }) => family === 'IPv4')
  for (const other of ['127.0.0.2', ...elsewhere.map((one) => one.address).filter((one) => one !== '127.0.0.1')])
    await expect(ask(url.replace('127.0.0.1', other), address.token)).rejects.toThrow('fetch failed')

  await cleanup.disposeAsync()
  await expect(stat(context.folder.address)).rejects.toMatchObject({ code: 'ENOENT' })
})
