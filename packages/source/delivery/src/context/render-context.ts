import { counted } from '@coxswain/kernel'
import type { Context, ContextLoss, ContextPiece } from './context.ts'

const reasons: Readonly<Record<ContextLoss['reason'], string>> = {
  'over-cap': 'beyond the cap',
  shadowed: 'another file of this folder comes first',
  hidden: 'not read while files of the first choice exist',
  'outside-folder': 'imported from outside the working directory',
  'not-read': 'no rule loads it',
}

/** The page for people and agents: pieces in order, what was cut, what comes later. */
export function renderContext(context: Context): string {
  const proof =
    context.status === 'proved' ? `${context.agent} ${context.version}` : `${context.agent}, by its documentation, never run`
  const place = context.folder === '' ? 'the root' : context.folder
  const lines = [
    `${proof}, started in ${place}: ${context.bytes} bytes, ${context.tokens} tokens from ${counted(context.start.length, 'file')}`,
    ...context.start.map(renderPiece),
    ...renderSkills(context.skills),
    ...(context.lost.length > 0 ? ['lost:', ...context.lost.map(renderLoss)] : []),
    ...renderLater(context),
    ...renderHooks(context),
    ...(context.twice.length > 0 ? [`arrive twice: ${context.twice.join(', ')}`] : []),
    ...context.notes.map((note) => `note: ${note}`),
  ]
  return `${lines.join('\n')}\n`
}

function renderSkills(skills: Context['skills']): string[] {
  if (skills.length === 0) return []
  const tokens = skills.reduce((sum, skill) => sum + skill.tokens, 0)
  return [`told of ${counted(skills.length, 'skill')}, ${tokens} tokens: ${skills.map((skill) => skill.name).join(', ')}`]
}

function renderHooks({ hooks, hookNotes }: Context): string[] {
  const head = hooks.length === 0 ? [] : [`${counted(hooks.length, 'hook')}:`]
  return [...head, ...hooks.map(renderHook), ...hookNotes.map((note) => `  note: ${note}`)]
}

function renderHook({ constraint, on, event, scope, except, command }: Context['hooks'][number]): string {
  if (constraint === null) return `  ${event}, of no constraint: ${command}`
  const isWide = on === 'before-stop' || scope.length === 0 || scope.some((glob) => /^\*\*(?:\/\*)?$/.test(glob))
  const where = [
    ...(isWide ? [] : [`, in ${scope.join(', ')}`]),
    ...(except.length === 0 ? [] : [`, not in ${except.join(', ')}`]),
  ]
  return `  ${constraint}: ${on} (${event})${where.join('')}: ${command}`
}

function renderLater({ file, isNewFile, later }: Context): string[] {
  if (file === null) return []
  const touched = isNewFile ? `${file}, which does not exist yet and is scoped by its path` : file
  return later.length === 0
    ? [`nothing more arrives on touching ${touched}`]
    : [`later, on touching ${touched}:`, ...later.map(renderPiece)]
}

function renderPiece(piece: ContextPiece): string {
  const cut = piece.cutBytes > 0 ? `, CUT after ${piece.bytes} of ${piece.bytes + piece.cutBytes} bytes` : ''
  const ids = piece.constraints.length > 0 ? `, constraints: ${piece.constraints.join(' ')}` : ''
  return `  ${piece.path} (${piece.via}): ${piece.bytes} bytes, ${piece.tokens} tokens${cut}${ids}`
}

function renderLoss(loss: ContextLoss): string {
  const ids = loss.constraints.length > 0 ? `, constraints: ${loss.constraints.join(' ')}` : ''
  return `  ${loss.path}: ${loss.bytes} bytes, ${reasons[loss.reason]}${ids}`
}
