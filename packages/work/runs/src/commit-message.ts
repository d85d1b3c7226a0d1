import type { RunRecord } from './services.ts'

/** One squashed change: the task's title, its text, and the trailers by which it is found again. */
export function commitMessage({ run, task }: Pick<RunRecord, 'run' | 'task'>): string {
  const title = oneLine(task.title)
  const subject = shortened(title)
  // Orders by byte offsets are for the rewriter; the diff says the same.
  const text = run.agent === 'rewriter' ? task.text.replaceAll(/^```json\n[\s\S]*?^```$/gm, '') : task.text
  const isSaid = text.trim() === task.title && subject === title
  const body = isSaid ? '' : `${clean(text).slice(0, 4_000)}\n\n`
  return `${subject}\n\n${body}Coxswain-Task: ${task.id}\nCoxswain-Run: ${run.id}\n`
}

const longestSubject = 72

/** As lists of commits show it: up to a whole word, the rest stands in the body. */
function shortened(title: string): string {
  if (title.length <= longestSubject) return title
  const start = title.slice(0, longestSubject)
  const end = start.lastIndexOf(' ')
  const whole = end > longestSubject / 2 ? start.slice(0, end) : start.replace(/.$/su, '')
  return `${whole.replace(/[\s.,;:–-]+$/, '')}…`
}

function oneLine(text: string): string {
  return clean(text).replaceAll(/\s+/g, ' ').trim() || 'Change'
}

/** Trailers in a task's text must not pass for ours, control characters not reach a terminal. */
function clean(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is removed
  return text
    .replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F]/g, '')
    .replaceAll(/^(coxswain-[a-z]+:)/gim, '> $1')
    .trim()
}
