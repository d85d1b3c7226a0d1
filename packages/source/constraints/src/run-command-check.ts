import { readEnvironment, runCommand, scrubEnvironment } from '@coxswain/host'
import { CoxError, isCoxError, seconds } from '@coxswain/kernel'
import type { CheckFinding, CheckRequest } from './check-runner.ts'
import type { CommandCheck } from './constraint.ts'

const timeout = seconds(60)

/** Runs a command over files: `{files}` becomes the list, and without it the files follow the arguments; `{root}` is the repository. No shell. @throws CoxError CHECK_BROKEN */
export async function runCommandCheck(request: CheckRequest): Promise<readonly CheckFinding[]> {
  const { check } = request
  if (!('command' in check)) throw new Error('not a command check')
  const found: CheckFinding[] = []
  for (const files of portions(request.files)) found.push(...(await runOn({ ...request, files }, check)))
  return found
}

/** Command lines have an end: long lists are run in portions. */
function portions(files: readonly string[]): string[][] {
  const all: string[][] = []
  let bytes = mostBytes
  for (const file of files) {
    bytes += Buffer.byteLength(file) + 1
    if (bytes >= mostBytes) {
      all.push([])
      bytes = 0
    }
    all.at(-1)?.push(file)
  }
  return all
}

const mostBytes = 256 * 1_024

async function runOn(request: CheckRequest, check: CommandCheck): Promise<readonly CheckFinding[]> {
  const repository = request.repository ?? request.root
  const command = check.command.flatMap((word) => (word === '{files}' ? request.files : [word.replaceAll('{root}', repository)]))
  const whole = check.command.includes('{files}') ? command : [...command, ...request.files]
  const result = await runOrBreak(request, whole)
  if (result.exitCode === 0) return []
  if (result.exitCode !== null && check.found.includes(result.exitCode))
    return findingsOf(request, `${result.stdout}\n${result.stderr}`)
  const end = result.timedOut
    ? `ran longer than ${timeout / 1_000} s`
    : `ended with ${result.exitCode ?? result.signal ?? 'no code'}`
  throw new CoxError('CHECK_BROKEN', `\`${check.command.join(' ')}\` ${end}: ${lastLine(result.stderr)}`, {
    hint: `Make it end with 0 when clean and ${check.found.join(' or ')} when it finds something.`,
  })
}

async function runOrBreak(request: CheckRequest, command: readonly string[]): ReturnType<typeof runCommand> {
  try {
    return await runCommand({
      command,
      cwd: request.root,
      env: scrubEnvironment(readEnvironment()),
      timeout,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    })
  } catch (error) {
    if (!isCoxError(error, 'COMMAND_NOT_FOUND')) throw error
    throw new CoxError('CHECK_BROKEN', `The program \`${command[0] ?? ''}\` was not found`, {
      hint: 'Install it, or name one that exists.',
      cause: error,
    })
  }
}

/** Lines that name a file become findings; a report without places is one finding. */
function findingsOf(request: CheckRequest, output: string): CheckFinding[] {
  const placed = output.split('\n').flatMap((line): CheckFinding[] => {
    const file = fileIn(line, request.files)
    if (file === undefined) return []
    const number = /^[:(](\d{1,7})/.exec(line.slice(line.indexOf(file) + file.length))
    return [{ file, line: Number(number?.[1] ?? 1), text: line.trim().slice(0, 200) }]
  })
  return placed.length > 0 ? placed : [{ file: request.files[0] ?? '', line: 1, text: lastLine(output).slice(0, 200) }]
}

/** The file a line begins with, else one that it holds somewhere. */
function fileIn(line: string, files: readonly string[]): string | undefined {
  const leading = /^\s*(?:\.\/)?([^\s:(]+)/.exec(line)?.[1]
  return files.find((file) => file === leading) ?? files.find((file) => line.includes(file))
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
