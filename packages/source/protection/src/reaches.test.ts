import { chmod, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HarnessConfig } from '@coxswain/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { askedAbout } from './asked-about.ts'
import { createSampleRepository, type SampleRepository } from './testing/sample-repository.ts'

const elf = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 2])

async function reachesOf(
  { root, git, commit }: SampleRepository,
  change: () => Promise<unknown>,
  settings: unknown = {},
): Promise<readonly string[]> {
  const base = await commit()
  await change()
  return (await askedAbout(HarnessConfig.parse(settings), { git, root, base, head: await commit() })).reaches
}

test('links: out of the repository and into git are asked about, those inside are not', async () => {
  await using sample = await createSampleRepository()
  await sample.write('src/a.ts', 'a\n')
  const link = (target: string, path: string): Promise<void> => symlink(target, join(sample.root, path))
  const found = await reachesOf(sample, async () => {
    for (const [path, target] of [
      ['src/inside', 'a.ts'],
      ['src/up', '../src/a.ts'],
      ['src/dot', './a.ts'],
      ['src/out', '../../etc'],
      ['root', '/etc/passwd'],
      ['self', '..'],
      ['hooks', './.git/hooks'],
      ['shout', '.GIT/config'],
      ['drive', String.raw`C:\x`],
      ['dangling', 'nowhere\nelse'],
    ] as const)
      await link(target, path)
  })
  expect(found).toEqual([
    String.raw`drive is a link out of the repository, to C:\x`,
    "hooks is a link to ./.git/hooks, which is git's own",
    'root is a link out of the repository, to /etc/passwd',
    'self is a link out of the repository, to ..',
    "shout is a link to .GIT/config, which is git's own",
    'src/out is a link out of the repository, to ../../etc',
  ])
})

test('attributes: new drivers are asked about, those of the base and built-in ones are not', async () => {
  await using sample = await createSampleRepository()
  await sample.write('.gitattributes', '*.psd filter=lfs diff=lfs merge=lfs -text\n')
  const found = await reachesOf(sample, async () => {
    await sample.write(
      '.gitattributes',
      '*.psd filter=lfs diff=lfs merge=lfs -text\n*.md text eol=lf merge=union\n# *.x filter=y\n',
    )
    await sample.write('a/.gitattributes', '* text=auto\n*.js\tfilter=evil\r\n')
    await sample.write('b/.GitAttributes', '[attr]own diff=evil\n')
  })
  expect(found).toEqual([
    'a/.gitattributes has git run programs of its settings: *.js\tfilter=evil',
    'b/.GitAttributes has git run programs of its settings: [attr]own diff=evil',
  ])
})

test('submodules and where they come from', async () => {
  await using sample = await createSampleRepository()
  const { git, write } = sample
  await write('a', 'a')
  const base = await sample.commit()
  await write('.gitmodules', '[submodule "x"]\n')
  await git.run(['add', '.gitmodules'])
  await git.run(['update-index', '--add', '--cacheinfo', `160000,${'e'.repeat(40)},vendor/x`])
  await git.run(['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'x'])
  const span = { git, root: sample.root, base, head: await git.run(['rev-parse', 'HEAD']) }
  expect((await askedAbout(HarnessConfig.parse({}), span)).reaches).toEqual([
    '.gitmodules says where submodules come from',
    'vendor/x is a submodule at another commit',
  ])
})

test('sizes and programs, with a limit of the harness file; an entry that frees a path frees it of all', async () => {
  await using sample = await createSampleRepository()
  const { root, write } = sample
  await write('a', 'a')
  await writeFile(join(root, 'tool'), elf)
  await writeFile(join(root, 'image.png'), Buffer.from([0x89, 0x50, 0, 1]))
  const change = async (): Promise<void> => {
    await write('big.txt', 'x'.repeat(2_100_000))
    await writeFile(join(root, 'run.bin'), Buffer.from([1, 0, 2]))
    await chmod(join(root, 'run.bin'), 0o755)
    await writeFile(join(root, 'lib.so'), elf)
    await writeFile(join(root, 'new.png'), Buffer.from([0x89, 0x50, 0, 1]))
    await write('script.sh', '#!/bin/sh\n')
    await chmod(join(root, 'script.sh'), 0o755)
    await rm(join(root, 'tool'))
  }
  const found = await reachesOf(sample, change, { landing: { largestFile: 2 } })
  expect(found).toEqual(['big.txt has 2.1 MB', 'lib.so is a binary program', 'run.bin is a binary program'])
  const { git } = sample
  const [head, base] = (await git.run(['rev-list', 'HEAD'])).split('\n')
  const span = { git, root, base: base ?? '', head: head ?? '' }
  const freed = HarnessConfig.parse({ protected: ['!*.{so,bin}'], landing: { largestFile: null } })
  expect((await askedAbout(freed, span)).reaches).toEqual([])
})

test('whatever a file is called and holds, it is judged', async () => {
  await using sample = await createSampleRepository()
  await sample.write('a', 'a')
  const names = fc
    .sample(fc.stringMatching(/^[^/\0]{1,20}$/), 30)
    .filter((name) => !/^\.+$|^\.git$/i.test(name) && Buffer.byteLength(name) < 200)
  const found = await reachesOf(sample, async () => {
    for (const name of new Set(names)) await writeFile(join(sample.root, `x${name}`), elf)
  })
  expect(found.toSorted()).toEqual([...new Set(names)].map((name) => `x${name} is a binary program`).toSorted())
})
