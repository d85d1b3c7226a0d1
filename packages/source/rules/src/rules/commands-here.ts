interface Command {
  readonly text: string
  readonly line: number
}

/**
 * Leaves out what a block of commands runs elsewhere: after `cd` into a folder that the repository does not have, which the lines
 * before it have made. A clone is of this repository, for all that is known.
 */
export function commandsHere<C extends Command>(commands: readonly C[], hasFolder: (folder: string) => boolean): C[] {
  let [last, isElsewhere, isClone] = [-Infinity, false, false]
  return commands.filter(({ text, line }) => {
    // The fences between two blocks are lines of their own.
    if (line - last > 2) isElsewhere = isClone = false
    last = line
    isClone ||= /\b(?:git|gh repo) clone\b/.test(text)
    const folder = /(?:^|&&|;)\s*cd\s+["']?([\w@-][\w@./-]*)/.exec(text)?.[1]
    if (folder !== undefined && !isClone) isElsewhere = !hasFolder(folder)
    return !isElsewhere
  })
}
