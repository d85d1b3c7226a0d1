/** The lower end of a terminal, redrawn in place; what is printed scrolls away above it. */
export interface LiveScreen {
  draw(lines: readonly string[]): void
  print(line: string): void
  /** Takes the view away, so that the shell's prompt follows what was printed. */
  close(): void
}

export function openLiveScreen(output: { write(text: string): unknown }): LiveScreen {
  let drawn: readonly string[] = []
  const redraw = (above: string, lines: readonly string[]): void => {
    // Without wrapping, one line of ours is one line of the terminal, however wide its characters are.
    const text = lines.map((line) => `${noWrap}${line}${wrap}\n`).join('')
    output.write(`${drawn.length === 0 ? '' : `\u001B[${drawn.length}A\r\u001B[0J`}${above}${text}`)
    drawn = lines
  }
  return {
    draw: (lines) => {
      if (lines.join('\n') !== drawn.join('\n')) redraw('', lines)
    },
    print: (line) => redraw(`${line}\n`, drawn),
    close: () => redraw('', []),
  }
}

const noWrap = '\u001B[?7l'
const wrap = '\u001B[?7h'
