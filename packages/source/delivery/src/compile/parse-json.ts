/** Null for text that is no JSON: whoever reads it says what that means. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\u{feff}/u, ''))
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
