import { countTokens as count } from 'gpt-tokenizer/encoding/o200k_base'

const everythingIsText = { disallowedSpecial: new Set<string>() }

/** Tokens by one public encoding: a measure to compare by; each agent program bills by its own. */
export function countTokens(text: string): number {
  return count(text, everythingIsText)
}
