import { readEnvironment, runCommand, scrubEnvironment } from '@coxswain/host/quick'
import { seconds } from '@coxswain/kernel'

/** Those of the files whose content git could not bring back: changed, staged alone, or never added. Outside git, all of them. */
export async function unsavedFiles(root: string, files: readonly string[]): Promise<string[]> {
  const { exitCode, stdout } = await runCommand({
    command: [
      'git',
      '--literal-pathspecs',
      'status',
      '--porcelain=v1',
      '-z',
      '--no-renames',
      '--ignored',
      '--untracked-files=all',
      '--',
      ...files,
    ],
    cwd: root,
    env: { ...scrubEnvironment(readEnvironment()), GIT_OPTIONAL_LOCKS: '0' },
    timeout: seconds(60),
  })
  if (exitCode !== 0) return [...files]
  return stdout.split('\0').flatMap((entry) => (entry.length > 3 ? [entry.slice(3)] : []))
}
