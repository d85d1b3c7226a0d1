import { text_en as english, type ApplicationText } from '@stricli/core'
import { CoxError } from '@coxswain/kernel'

const complaints: CoxError[] = []

/** Wrong usage is told like any other error: with a code and the next step. */
export const usageText: ApplicationText = {
  ...english,
  noCommandRegisteredForInput: (args) => complain(english.noCommandRegisteredForInput({ ...args, ansiColor: false })),
  exceptionWhileParsingArguments: (exception) => complain(english.exceptionWhileParsingArguments(exception, false)),
}

function complain(message: string): string {
  const error = new CoxError('USAGE', message, { hint: 'Read `cox --help`, or `cox <command> --help`.' })
  complaints.push(error)
  return `${error.code}: ${error.message}\n  ${error.hint}`
}

/** What was wrong with the command line, for `--json`. */
export function usageError(): CoxError | undefined {
  return complaints.at(-1)
}
