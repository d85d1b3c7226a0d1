import type { Setup } from './setup-key.ts'

/** Names alone, never values; null where `setup:` names none. */
export function describeCredentials(
  setup: Setup | null,
  environment: Readonly<Record<string, string>>,
  trust: 'base' | 'change',
): string | null {
  const names = setup?.credentials ?? []
  if (names.length === 0) return null
  if (trust === 'change')
    return `set-up ran without its credentials (${names.join(', ')}): the change alters what set-up reads, and its code could take them`
  const [given, missing] = [names.filter((name) => name in environment), names.filter((name) => !(name in environment))]
  const parts = [
    ...(given.length === 0 ? [] : [`set-up was given ${given.join(', ')}`]),
    ...(missing.length === 0 ? [] : [`${missing.join(', ')} of \`setup.credentials\` is not set where the daemon was started`]),
  ]
  return parts.join('; ')
}
