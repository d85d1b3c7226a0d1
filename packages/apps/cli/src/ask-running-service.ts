import process from 'node:process'
import { askService, type ServiceQuestion } from '@coxswain/checks/client'

/** Answers `cox check` from a running watch service; false when none runs, or more was asked than it can answer. */
export async function askRunningService(args: readonly string[]): Promise<boolean> {
  const question = readQuestion(args)
  const answer = question === null ? null : await askService(question)
  // An error is told by the command itself, with its next step.
  if (answer === null || answer.exitCode === 2) return false
  // A reader that closes early is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  process.stdout.write(`${answer.output.trimEnd()}\n`)
  process.exitCode = answer.exitCode
  return true
}

const formats: Readonly<Record<string, ServiceQuestion['format']>> = {
  '--agent': 'text',
  '--json': 'json',
  '--sarif': 'sarif',
  '--github': 'github',
}

/** The few words that need no command framework; null for any other. */
function readQuestion(args: readonly string[]): ServiceQuestion | null {
  const paths: string[] = []
  let question: Pick<ServiceQuestion, 'cwd' | 'format'> = { cwd: process.cwd(), format: 'text' }
  const open = [...args]
  for (let word = open.shift(); word !== undefined; word = open.shift()) {
    const format = formats[word]
    if (format !== undefined) question = { ...question, format }
    else if (word === '-C' || word === '--directory') {
      const cwd = open.shift()
      if (cwd === undefined) return null
      question = { ...question, cwd }
    } else if (word.startsWith('-')) return null
    else paths.push(word)
  }
  return { ...question, paths }
}
