import type { RunRecord } from './services.ts'

/** One squashed change: subject and body as the template has them, and the trailers by which it is found again. */
export function commitMessage({ run, task }: Pick<RunRecord, 'run' | 'task'>, template: string): string {
  const [first = '', ...rest] = template.split('\n')
  const ids = { task: task.id, run: run.id }
  const title = oneLine(task.title)
  const besideTitle = fill(first, { ...ids, title: '', text: '' }).trim().length
  const room = besideTitle === 0 ? longestSubject : Math.max(shortestTitle, longestSubject - besideTitle - 1)
  const shown = shortened(title, room)
  const subject = shortened(oneLine(fill(first, { ...ids, title: shown, text: shown })), longestSubject)
  // Orders by byte offsets are for the rewriter; the diff says the same.
  const text = run.agent === 'rewriter' ? task.text.replaceAll(/^```json\n[\s\S]*?^```$/gm, '') : task.text
  const isSaid = text.trim() === task.title && subject.includes(title)
  const own = rest.join('\n').trim()
  const body = own === '' ? (isSaid ? null : text) : fill(own, { ...ids, title, text: text.trim() })
  const said = body === null ? '' : `${clean(body).slice(0, 4_000)}\n\n`
  return `${subject}\n\n${said}Coxswain-Task: ${task.id}\nCoxswain-Run: ${run.id}\n`
}

/** All at once: what a task says is not filled in again. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder)
}

const longestSubject = 72
const shortestTitle = 24

/** As lists of commits show it: up to a whole word, the rest stands in the body. */
function shortened(title: string, length: number): string {
  if (title.length <= length) return title
  const start = title.slice(0, length)
  const end = start.lastIndexOf(' ')
  const whole = end > length / 2 ? start.slice(0, end) : start.replace(/.$/su, '')
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
