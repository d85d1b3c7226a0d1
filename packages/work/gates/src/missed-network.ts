/*
 * What package managers say when they want a package and there is no network. The forms of npm and npx, pnpm, yarn, bun, pip, cargo
 * and go; the first group is the package, or a URL that ends with it.
 */
const forms: readonly RegExp[] = [
  /npm (?:error|ERR!).*?request to (\S+) failed/i,
  /npm (?:error|ERR!).*?https?:\/\/[^/\s]+\/(\S+)/i,
  /ERR_PNPM_(?:NO_OFFLINE_META|NO_OFFLINE_TARBALL|META_FETCH_FAIL|FETCH_\w+).*?(?:Failed to resolve |GET |tarball is missing from the store mirror[^:]*: )(\S+)/,
  /ERR_PNPM_(?:NO_OFFLINE_META|NO_OFFLINE_TARBALL|META_FETCH_FAIL|FETCH_\w+)[^\n]*?([@\w][\w@/.~^*-]*)/,
  /YN0080.*?(?:request to|fetch) (\S+)/i,
  /error: (?:ConnectionRefused|FailedToOpenSocket|GET) .*?(\S+)/,
  /(?:ERROR|error): (?:No matching distribution found for|Could not find a version that satisfies the requirement) (\S+)/i,
  /no matching package named `([^`]+)` found/,
  /(\S+): module lookup disabled by GOPROXY=off/,
  /getaddrinfo (?:EAI_AGAIN|ENOTFOUND) (\S+)/,
]

/** Null where nothing in the output says that a network was missed. */
export function missedNetwork(output: string): string | null {
  const wanted = forms.map((form) => form.exec(output)?.[1]).find((found) => found !== undefined)
  if (wanted === undefined) return null
  const name = nameOf(wanted)
  return [
    `This gate has no network, and it wanted ${name === '' ? 'something from there' : `"${name}"`}.`,
    'Ways out: make it a dependency of the repository, so that `setup:` installs it;',
    'or write `network: full` at this gate in harness/harness.yaml.',
  ].join(' ')
}

/** `https://host/@scope%2fname` and `name@1.0.0` are both names with something around. */
function nameOf(wanted: string): string {
  const path = wanted.replace(/^https?:\/\/[^/]+\//, '').replace(/[:,;'")\]]+$/, '')
  return path
    .replaceAll(/%2f/gi, '/')
    .replaceAll(/[^!-~]/g, '')
    .slice(0, 120)
}
