const blockHost = /(?:^|\/)(?:AGENTS|CLAUDE|GEMINI)\.md$|^\.github\/copilot-instructions\.md$/

/** Files in which a block of ours may stand among hand-written text. */
export function isBlockHost(path: string): boolean {
  return blockHost.test(path)
}
