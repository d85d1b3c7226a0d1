/** The one place that reads the process environment. */
export function readEnvironment(): Record<string, string> {
  return definedEntries(process.env, () => true)
}

const alwaysKept =
  /^(?:PATH|LANG|LANGUAGE|LC_[A-Z]+|TERM|TZ|USER|LOGNAME|SHELL|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY)$/

/** What a child process may see: where programs are, how text is encoded, how to reach the network, and the names in `keep`. Never credentials. */
export function scrubEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  keep: readonly string[] = [],
): Record<string, string> {
  const kept = new Set(keep)
  return definedEntries(source, (name) => alwaysKept.test(name) || kept.has(name))
}

function definedEntries(
  source: Readonly<Record<string, string | undefined>>,
  isKept: (name: string) => boolean,
): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(source)) if (value !== undefined && isKept(name)) result[name] = value
  return result
}
