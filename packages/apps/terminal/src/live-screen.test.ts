import { expect, test } from 'vitest'
import { openLiveScreen } from './live-screen.ts'

test('the view is redrawn in place only when it changes; printed lines stay above it', () => {
  const written: string[] = []
  const screen = openLiveScreen({ write: (text) => written.push(text) })
  screen.draw(['a', 'b'])
  screen.draw(['a', 'b'])
  screen.draw(['c'])
  screen.print('told')
  screen.close()
  const [up1, up2, clear, off, on] = ['\u001B[1A\r', '\u001B[2A\r', '\u001B[0J', '\u001B[?7l', '\u001B[?7h']
  expect(written).toEqual([
    `${off}a${on}\n${off}b${on}\n`,
    `${up2}${clear}${off}c${on}\n`,
    `${up1}${clear}told\n${off}c${on}\n`,
    `${up1}${clear}`,
  ])
})
