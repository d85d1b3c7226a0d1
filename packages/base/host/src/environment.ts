import { delimiter, isAbsolute } from 'node:path'

/** The one place that reads the process environment. Of PATH without relative folders: in a working tree they are an agent's. */
export function readEnvironment(): Record<string, string> {
  const { PATH: path, ...others } = definedEntries(process.env, () => true)
  return path === undefined ? others : { ...others, PATH: path.split(delimiter).filter(isAbsolute).join(delimiter) }
}

const alwaysKept =
  /^(?:PATH|LANG|LANGUAGE|LC_[A-Z]+|TERM|TZ|USER|LOGNAME|SHELL|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY)$/

const proxies = /^https?_proxy$/i

/** Ours alone: where our state and our database are, and how to get in. Nobody can let these through. */
const neverKept = /^(?:COXSWAIN_|PG[A-Z]|DBOS_)/

export function isOwnVariable(name: string): boolean {
  return neverKept.test(name)
}

/**
 * What a child process may see: where programs are, how text is encoded, how to reach the network, and the names in `keep`. Never
 * credentials: a proxy's name and password go too, unless `keep` names the variable.
 */
export function scrubEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  keep: readonly string[] = [],
): Record<string, string> {
  const kept = new Set(keep)
  const passed = definedEntries(source, (name) => (alwaysKept.test(name) || kept.has(name)) && !isOwnVariable(name))
  for (const [name, value] of Object.entries(passed))
    if (proxies.test(name) && !kept.has(name)) passed[name] = withoutLogin(value)
  return passed
}

/** Up to the last @ of what names the host: a password may have one, too. */
function withoutLogin(proxy: string): string {
  return proxy.replace(/^([a-z][a-z0-9+.-]*:\/\/|)[^/?#]*@/i, '$1')
}

function definedEntries(
  source: Readonly<Record<string, string | undefined>>,
  isKept: (name: string) => boolean,
): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(source)) if (value !== undefined && isKept(name)) result[name] = value
  return result
}
