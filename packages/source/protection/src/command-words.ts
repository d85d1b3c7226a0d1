/*
 * What a command line may mean by its words. Nobody can know what a program makes of its arguments, so a word counts for all that it
 * could be: to ask a person once too often costs less than a gate that its own change rewrote.
 */

/** Each argument as it is, and each word in it as a shell or a script would take it. */
export function wordsOf(command: readonly string[]): string[] {
  return command.flatMap((argument) => {
    const quoted = [...argument.matchAll(/"([^"]+)"|'([^']+)'/g)].map(([, double, single]) => double ?? single ?? '')
    return [...new Set([argument, ...quoted, ...argument.split(/[\s;&|()<>'"`]+/)])].filter((word) => word !== '')
  })
}

/** The paths that a word may name: itself, or the value of `--name=value`. */
export function pathsOf(word: string): string[] {
  const equals = word.indexOf('=')
  return equals === -1 ? [word] : [word, word.slice(equals + 1)]
}

const intoFolder = /^(?:cd|pushd|-C|--prefix|--cwd|--dir|--directory)$/

/** The folders that a command goes to first: `cd web`, `--prefix web`, `-C=web`. */
export function foldersOf(words: readonly string[]): string[] {
  return words.flatMap((word, at) => {
    const [flag = '', ...value] = word.split('=')
    if (!intoFolder.test(flag)) return []
    const folder = value.length > 0 ? value.join('=') : words[at + 1]
    return folder === undefined ? [] : [folder]
  })
}

const scriptRunner = /^(?:.*[/\\])?(?:npm|pnpm|yarn|yarnpkg|bun|turbo|nx|lerna|run-s|run-p|npm-run-all2?)(?:\.cmd|\.exe)?$/i
const scriptPrefix = /^(?:npm|pnpm|yarn|bun):(?=.)/

/** Whether some of the words are names of package scripts. */
export function runsScripts(words: readonly string[]): boolean {
  return words.some((word) => scriptRunner.test(word) || scriptPrefix.test(word) || /^--run(?:=|$)/.test(word))
}

const workspaces =
  /^(?:-r|-w|-ws|-F|--recursive|--filter(?:=.*)?|--workspaces?(?:=.*)?|--workspace-root|workspaces?|turbo|nx|lerna)$/

/** Whether the scripts may be those of any package. */
export function reachesWorkspaces(words: readonly string[]): boolean {
  return words.some((word) => workspaces.test(word))
}

/** Scripts that run with no name given, whoever adds them. */
const lifecycle = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare']
const installs = /^(?:ci|i|install|clean-install|add|it|cit|install-test|install-ci-test)$/

/** What an installation runs by itself; null where nothing is installed. */
export function installScripts(words: readonly string[]): readonly string[] | null {
  const bareYarn = words.length > 0 && words.every((word, at) => (at === 0 ? /^yarn(?:pkg)?$/.test(word) : word.startsWith('-')))
  return bareYarn || words.some((word) => installs.test(word)) ? lifecycle : null
}

const shortNames: ReadonlyMap<string, string> = new Map(['t', 'tst', 'it', 'cit'].map((short) => [short, 'test']))

/** Those of a package's scripts that the words name, also by `test:*` or `/^test/`. */
export function namedScripts(words: readonly string[], scripts: Iterable<string>): string[] {
  const called = words.flatMap(pathsOf).map((word) => {
    const name = word.replace(scriptPrefix, '')
    return shortNames.get(name) ?? name
  })
  const exact = new Set(called)
  const starts = called.flatMap((word) => (word.indexOf('*') > 0 ? [word.slice(0, word.indexOf('*'))] : []))
  const isAny = called.some((word) => /^\/.+\/$/.test(word))
  return [...scripts].filter((name) => isAny || exact.has(name) || starts.some((start) => name.startsWith(start)))
}
