import type { Gate, Task } from '@coxswain/model'
import type { PromptSource } from './run-progress.ts'

export interface PromptContext {
  readonly task: Pick<Task, 'text' | 'package' | 'origin'>
  readonly gates: readonly Gate[]
  readonly protectedPaths: readonly string[]
  /** Red before any change of the run. */
  readonly redGate?: { readonly gate: string; readonly excerpt: string } | null
}

/** What the agent is told at the start of a turn. Short: each token is paid for in every call that follows. */
export function renderPrompt(source: PromptSource, context: PromptContext): string {
  switch (source.kind) {
    case 'task':
      return [
        taskBlock(context.task),
        source.reworkReason ? `An earlier attempt was thrown away. The reason: ${source.reworkReason}` : '',
        source.words ?? '',
        ground(context),
      ]
        .filter(Boolean)
        .join('\n\n')
    case 'gate-failure':
      return gateFailure(source, context)
    case 'conflict':
      return conflict(source)
    case 'message':
      return source.text
    case 'continue':
      // A program that died may have died before it wrote the first prompt down.
      return [
        taskBlock(context.task),
        `The last turn did not end well (${source.why}). Go on where you left off; \`git diff HEAD\` and \`git log -3\` show the work so far.`,
        ground(context),
      ]
        .filter(Boolean)
        .join('\n\n')
    case 'fresh':
      return [
        taskBlock(context.task),
        `This is a new conversation (${source.why}). Work so far is in the working tree and in its last commit: read \`git show --stat HEAD\` first, then finish.`,
        ground(context),
      ].join('\n\n')
    default:
      return source satisfies never
  }
}

function taskBlock(task: PromptContext['task']): string {
  const where = task.package === null ? '' : `\nWork inside \`${task.package}\` unless the task cannot be done there.`
  return `Task (from ${task.origin}):\n${task.text}${where}`
}

function ground({ gates, protectedPaths, redGate }: PromptContext): string {
  const proof =
    gates.length === 0
      ? ''
      : `Done means that these pass:\n${gates.map((gate) => `- ${gate.name}: \`${gate.command.join(' ')}\``).join('\n')}`
  const isFreed = (path: string): boolean => path.startsWith('!')
  const [freed, closed] = [protectedPaths.filter(isFreed), protectedPaths.filter((path) => !isFreed(path))]
  const but = freed.length === 0 ? '' : ` (but for ${quoted(freed.map((path) => path.slice(1)))})`
  const proving = gates.length === 0 ? '' : ', nor the files and package scripts that these commands run'
  const limits = closed.length === 0 ? '' : `Do not change ${quoted(closed)}${proving}${but}: a person decides about those.`
  const red = redGate
    ? `The gate "${redGate.gate}" is red already, without any change of yours; your change has to leave it green:\n${redGate.excerpt}`
    : ''
  return [proof, red, limits, 'Change files only; committing and merging is done for you. The smallest correct change wins.']
    .filter(Boolean)
    .join('\n')
}

function quoted(paths: readonly string[]): string {
  return paths.map((path) => `\`${path}\``).join(', ')
}

function gateFailure({ result, afterMerge }: Extract<PromptSource, { kind: 'gate-failure' }>, { gates }: PromptContext): string {
  const gate = gates.find(({ name }) => name === result.gate)
  const again = gate === undefined ? '' : ` Run it again with \`${gate.command.join(' ')}\`.`
  const where = afterMerge ? ' after your change was merged with the current branch (the working tree now holds that merge)' : ''
  const how = result.verdict === 'failed' ? `exit code ${result.exitCode}` : result.verdict
  return `The gate "${result.gate}" failed${where}: ${how}.\n${result.excerpt}\nFix the cause, not the gate.${again}`
}

function conflict({ paths, ourDiff, theirDiff }: Extract<PromptSource, { kind: 'conflict' }>): string {
  const list = paths.map((path) => `- ${path}`).join('\n')
  return [
    `Your change conflicts with what landed meanwhile. The working tree holds the merge; these files have conflict markers:\n${list}`,
    `Resolve them so that both intentions hold, and leave no marker.`,
    `Your change there:\n${ourDiff}`,
    `What landed:\n${theirDiff}`,
  ].join('\n\n')
}
