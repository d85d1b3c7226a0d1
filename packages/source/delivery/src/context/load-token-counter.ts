export type TokenCounter = (text: string) => number

/** The encoding is large, so it loads only when something is counted. */
export async function loadTokenCounter(): Promise<TokenCounter> {
  const { countTokens } = await import('./count-tokens.ts')
  return countTokens
}
