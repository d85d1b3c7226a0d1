import { openGit, type Git } from '@coxswain/host'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface SampleRepository extends AsyncDisposable {
  readonly root: string
  readonly git: Git
  write(path: string, content: string): Promise<void>
  /** Everything that stands there. */
  commit(): Promise<string>
}

export async function createSampleRepository(): Promise<SampleRepository> {
  const root = await mkdtemp(join(tmpdir(), 'cox-protection-'))
  const git = openGit(root)
  await git.run(['init', '--quiet'])
  return {
    root,
    git,
    write: async (path, content) => {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), content)
    },
    commit: async () => {
      await git.run(['add', '--all'])
      await git.run(['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'x'])
      return git.run(['rev-parse', 'HEAD'])
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  }
}
