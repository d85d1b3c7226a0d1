/** Paths and patterns of the source files that the scripts of a package start. */
export function startedByScripts(scripts: Readonly<Record<string, string>>): string[] {
  return Object.values(scripts).flatMap((script) => script.split(/&&|\|\|?|;/).flatMap(startedBy))
}

function startedBy(command: string): string[] {
  const named = [...command.matchAll(/[\w@.*+/-]+\.[cm]?[jt]sx?\b/g)].map(([path]) => path)
  const isReadOnly = reader.test(command)
  // A linter's pattern says what is looked at, a runner's what is started.
  const files = named.filter((path) => !path.includes('*') || !isReadOnly)
  const bare = isReadOnly ? undefined : runner.exec(command)?.[1]
  return bare === undefined ? files : [...files, bare]
}

const reader =
  /\b(?:eslint|oxlint|biome|prettier|oxfmt|tsc|vue-tsc|stylelint|rimraf|rm|cspell|madge|knip|cp|mv|del|jscpd|xo|standard)\b/
const runner =
  /\b(?:node|tsx|bun(?: run)?|ts-node|vite-node|nodemon|deno run)\s+(?:-\S+\s+)*(\.{0,2}\/?[\w@+-]+\/[\w@./+-]+)(?=\s|$)/
